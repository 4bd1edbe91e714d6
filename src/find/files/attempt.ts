/** What `read` gives, or undefined where it throws: OpenSSL says no by throwing. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
