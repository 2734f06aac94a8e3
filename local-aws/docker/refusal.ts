/** Something that the stand-in does not do, or that went wrong: one line for the person who runs it, and status 1. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** The refusal of what only the real thing can do. */
export function needsDocker(what: string): Refusal {
  return new Refusal(
    `${what} needs the real docker: this is the stand-in of local-aws. Install Docker or podman and unset CDK_DOCKER.`,
  );
}
