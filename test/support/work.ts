import { type Profiler, Session } from 'node:inspector/promises';

/**
 * How many times more work an input twice as long takes: calls of the program's functions and, in functions
 * compiled by now, blocks of them. The same on every machine, unlike a time. The work within one call of the
 * engine's own functions is not seen. `make` returns the work for a size.
 */
export async function growth(make: (size: number) => () => unknown, size: number): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    const counted = async (each: number): Promise<number> => {
      const work = make(each);
      // Counts start anew with each call.
      await session.post('Profiler.takePreciseCoverage');
      await work();
      const { result } = await session.post('Profiler.takePreciseCoverage');
      return result.filter(isOwn).reduce((sum, script) => sum + blocks(script), 0);
    };
    await counted(size + 1); // what is made only once, and results that are kept
    const one = await counted(size);
    const two = await counted(2 * size);
    return two / one;
  } finally {
    session.disconnect();
  }
}

const isOwn = ({ url }: Profiler.ScriptCoverage): boolean => url.includes('/dist/src/');

function blocks({ functions }: Profiler.ScriptCoverage): number {
  return functions.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0);
}
