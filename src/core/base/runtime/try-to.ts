/** Calls a function whose failure changes nothing: of no use, or beside an error that is thrown. */
export function tryTo(call: () => void): void {
  try {
    call();
  } catch {
    // Errors are ignored, as the name says.
  }
}
