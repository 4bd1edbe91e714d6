/**
 * What V8 11 (Node 20) is told before a scan, which lasts a second, so that most of what its optimising compiler does never pays: 15 to 20 % of the
 * processor time (docs/performance.md, "Ordinary cores"). Later versions decide by other measures, and gain nothing.
 */
const FLAGS = {
  /** Bytes of code that a function runs before it is compiled, eight times the default. */
  'interrupt-budget': 528_000,
  /** Bytes of code that are compiled into one function with it, a quarter of the default. */
  'max-inlined-bytecode-size-cumulative': 230,
};
const LAST = 11;

/** Before a scan of this process: lets the engine compile less. */
export async function compileLess(): Promise<void> {
  if (Number.parseInt(process.versions.v8, 10) > LAST) return;
  const { setFlagsFromString } = await import('node:v8');
  for (const [flag, value] of Object.entries(FLAGS)) setFlagsFromString(`--${flag}=${value}`);
}
