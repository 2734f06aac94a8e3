/** A reason why the resource cannot be as asked, in one sentence for the person who deploys. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** A create that failed after it may have made something that was not shown yet. */
export class Unseen extends Refusal {}
