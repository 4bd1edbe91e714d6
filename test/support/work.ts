import { type Profiler, Session } from 'node:inspector/promises';

/** Blocks that any call may run once more: what is filled or compiled on the way. */
const ONCE = 100_000;

/**
 * True if an input twice as long takes less than three times the work; four times is quadratic. Work: calls
 * of the program's functions, and blocks of those compiled from now on. It depends on no clock; work within
 * one call of the engine's own functions is not seen. `make` returns the work for a size. In a process with
 * many modules a call costs a second: make few.
 */
export async function isLinear(make: (size: number) => () => unknown, size: number): Promise<boolean> {
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
    const holds = async (each: number): Promise<boolean> => {
      const one = await counted(each);
      return (await counted(2 * each)) < 3 * one + ONCE;
    };
    await counted(size + 1); // what is made only once; another size, so that no result is kept
    // Other work of the process is counted too: what fails is measured once more.
    return (await holds(size)) || (await holds(size));
  } finally {
    session.disconnect();
  }
}

const isOwn = ({ url }: Profiler.ScriptCoverage): boolean => /\/dist\/(?:src|test)\//.test(url);

function blocks({ functions }: Profiler.ScriptCoverage): number {
  return functions.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0);
}
