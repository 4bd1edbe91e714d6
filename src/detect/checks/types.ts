/** One offline check of a matched token. It sees the secret's text, one character a byte, and never keeps it. */
export interface Check {
  /** What holds where it passes; stands in the report. */
  readonly statement: string;
  /** True: passes. False: fails, the token is altered, cut or made up. Undefined: this token carries nothing to check. */
  verify(token: string): boolean | undefined;
}
