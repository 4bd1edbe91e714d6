/** The result of `read`, or undefined if it throws: OpenSSL rejects input by throwing. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
