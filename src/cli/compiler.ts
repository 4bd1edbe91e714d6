/**
 * V8 flags set before a scan on Node 20 (V8 11). Most scans last about a second, too short for optimised code
 * to pay off: compiling less saves 15 to 20 % of the processor time (bench/records). Later versions
 * gain nothing.
 */
const FLAGS = {
  /** Bytecode budget before a function is optimised, in bytes: eight times the default. */
  'interrupt-budget': 528_000,
  /** Bytecode inlined into one optimised function, in bytes: a quarter of the default. */
  'max-inlined-bytecode-size-cumulative': 230,
};
const LAST = 11;

/** On every version. */
const MEMORY_FLAGS = {
  /**
   * Percent by which the heap may grow between collections. By default it doubles and more, which takes
   * 150 MB of garbage in a flood of 100,000 findings.
   */
  'heap-growing-percent': 10,
  /**
   * Factor by which the space for new objects grows. By default it doubles up to 32 MB within a second.
   */
  'semi-space-growth-factor': 1,
};

/** Makes V8 compile less and collect garbage earlier. Call before the scan. */
export async function compileLess(): Promise<void> {
  const isOld = Number.parseInt(process.versions.v8, 10) <= LAST;
  const { setFlagsFromString } = await import('node:v8');
  for (const [flag, value] of Object.entries({ ...MEMORY_FLAGS, ...(isOld ? FLAGS : {}) }))
    setFlagsFromString(`--${flag}=${value}`);
}
