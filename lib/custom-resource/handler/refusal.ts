/** A reason why the resource cannot be as asked, in one sentence for the person who deploys. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
