/** Characters at the end of a value that a preview may show, as in detect/text/. */
const TAIL = { characters: 4, least: 32 };

/** What a report shows of a value. */
export function previewOf(value: string): string {
  const tail = value.length >= TAIL.least ? value.slice(-TAIL.characters) : '';
  // A flat string; see detect/text/detector.ts.
  return ['…', tail, ` (${value.length})`].join('');
}
