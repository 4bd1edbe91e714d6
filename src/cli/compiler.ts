/**
 * Bytes of code that a function runs before the optimising compiler takes it up, eight times the default of V8 11 (Node 20). A scan
 * lasts a second, in which most of that never paid: 15 to 20 % of its processor time (docs/performance.md, "Ordinary cores").
 * Later versions decide by other measures, and gain nothing.
 */
const BUDGET = 528_000;
const LAST = 11;

/** Before a scan of this process: lets the engine compile less. */
export async function compileLess(): Promise<void> {
  if (Number.parseInt(process.versions.v8, 10) > LAST) return;
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString(`--interrupt-budget=${BUDGET}`);
}
