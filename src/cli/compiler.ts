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

/** Makes V8 compile less. Call before the scan. */
export async function compileLess(): Promise<void> {
  if (Number.parseInt(process.versions.v8, 10) > LAST) return;
  const { setFlagsFromString } = await import('node:v8');
  for (const [flag, value] of Object.entries(FLAGS)) setFlagsFromString(`--${flag}=${value}`);
}

/** Bytes of the heap from which on a scan is a flood. */
const FLOOD = 80 << 20;

/** V8 flags for floods: less memory, more processor time. Few scans have a heap like that. */
const FLOOD_FLAGS = {
  /** Percent by which the heap may grow between collections; by default it doubles and more. */
  'heap-growing-percent': 10,
  /** Factor by which the space for new objects grows; by default it doubles up to 32 MB. */
  'semi-space-growth-factor': 1,
};

/** Milliseconds between two looks at the heap. */
const LOOK = 100;

/** From a flood on, V8 collects garbage earlier. Returns the function that ends the watch. */
export async function guardFloods(): Promise<() => void> {
  const { getHeapStatistics, setFlagsFromString } = await import('node:v8');
  const timer = setInterval(() => {
    if (getHeapStatistics().used_heap_size < FLOOD) return;
    clearInterval(timer);
    for (const [flag, value] of Object.entries(FLOOD_FLAGS)) setFlagsFromString(`--${flag}=${value}`);
  }, LOOK);
  timer.unref();
  return () => clearInterval(timer);
}
