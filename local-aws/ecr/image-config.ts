/** What an image says about the process that it starts. */
export interface ImageConfig {
  /** For example `linux/arm64`. */
  readonly platform: string;
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** As `USER` gives it; empty when the image names none. */
  readonly user: string;
}
