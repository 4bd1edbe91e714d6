import { openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { type Profile, Profiler } from './profiler.js';

/**
 * Preloaded into a process (`node --import`): measures how long its main thread works without a turn of the
 * event loop, in which timers and signals are served. Linux. When the process exits, writes its
 * {@link Watched} to the file that the environment variable WATCHDOG names. With WATCHDOG_PROFILE, says
 * where the long stretches are.
 */

/** What was measured of one process. */
export interface Watched {
  /** Seconds of processor time of all threads, including the start of Node. */
  cpu: number;
  /** Peak memory of the process, in bytes. */
  peak: number;
  /** Of the main thread at its largest: memory of the process, heap and buffers, in bytes. */
  largest: { rss: number; heap: number; buffers: number };
  /** Longest stretch between two turns: seconds of processor time of the main thread. */
  longest: number;
  /** Stretches above {@link BOUND}. */
  above: number;
  /** With a profile: the functions of the longest of them, outermost first. */
  where: string[];
}

/** Seconds of processor time that a stretch may take. */
export const BOUND = 0.25;
/** Milliseconds between two looks at the clock, each in a turn of its own. */
const INTERVAL = 5;

/** Looks at the clock for each look at the memory. */
const EACH = 20;

/** A stretch: microseconds of the monotonic clock at its ends, and seconds of processor time. */
export interface Stretch {
  from: number;
  to: number;
  cpu: number;
}

const output = process.env.WATCHDOG;
if (output !== undefined) watch(output);

function watch(path: string): void {
  // First field: nanoseconds on a processor (Documentation/scheduler/sched-stats.rst).
  const fd = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  const buffer = Buffer.alloc(64);
  const seconds = () =>
    Number(buffer.toString('latin1', 0, readSync(fd, buffer, 0, 64, 0)).split(' ')[0]) / 1e9;
  const profiler = process.env.WATCHDOG_PROFILE === undefined ? undefined : new Profiler();
  const long: Stretch[] = [];
  let longest = 0;
  let [last, from] = [seconds(), now()];
  let largest = { rss: 0, heap: 0, buffers: 0 };
  let looks = 0;
  const look = () => {
    if (looks++ % EACH === 0 && process.memoryUsage.rss() > largest.rss) {
      const { rss, heapTotal: heap, external: buffers } = process.memoryUsage();
      largest = { rss, heap, buffers };
    }
    const [cpu, to] = [seconds(), now()];
    longest = Math.max(longest, cpu - last);
    if (cpu - last > BOUND) long.push({ from, to, cpu: cpu - last });
    [last, from] = [cpu, to];
  };
  setInterval(look, INTERVAL).unref();
  process.on('exit', () => {
    look();
    const profile: Profile | undefined = profiler?.stop();
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    const [, kibibytes = '0'] =
      /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    const watched: Watched = {
      cpu: (userCPUTime + systemCPUTime) / 1e6,
      peak: 1024 * Number(kibibytes),
      largest,
      longest,
      above: long.length,
      where: profile
        ? long
            .sort((a, b) => b.cpu - a.cpu)
            .slice(0, 8)
            .map((each) => profile.describe(each))
        : [],
    };
    writeFileSync(path, JSON.stringify(watched));
  });
}

function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
