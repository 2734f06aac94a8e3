/** ` (did you mean …?)` where one of the candidates is close to a name that is none of them; otherwise nothing. */
export function suggestion(name: string, candidates: readonly string[]): string {
  const nearest = candidates
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return nearest && nearest.distance <= Math.max(2, name.length / 3) ? ` (did you mean ${nearest.candidate}?)` : '';
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, substitute));
    }
    row = next;
  }
  return row[b.length] as number;
}
