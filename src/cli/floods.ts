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
