/** Calls a function whose failure changes nothing: the error that led here is to be told, or there is none. */
export function tryTo(call: () => void): void {
  try {
    call();
  } catch {
    // As its name says.
  }
}
