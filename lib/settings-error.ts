/** A setting that a person has to change: the message is shown as it is, in lines, without a stack trace. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
