/** Milliseconds as a person reads them. */
export function time(milliseconds: number): string {
  if (Math.abs(milliseconds) >= 10_000) return `${(milliseconds / 1000).toFixed(0)} s`;
  if (Math.abs(milliseconds) >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds.toFixed(Math.abs(milliseconds) < 10 ? 1 : 0)} ms`;
}

/** Bytes as a person reads them: 1 KB is 1,000 bytes. */
export function bytes(count: number): string {
  return count >= 1e6 ? `${(count / 1e6).toFixed(1)} MB` : `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)} KB`;
}

export const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;
export const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
export const count = (number: number): string => Math.round(number).toLocaleString('en');
