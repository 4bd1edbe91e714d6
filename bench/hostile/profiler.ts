import { Session, type Profiler as V8 } from 'node:inspector';
import type { Stretch } from './watchdog.js';

/** Microseconds between two samples. */
const INTERVAL = 5_000;
/** Part of a stretch's samples that a function must have to be named. */
const SHARE = 0.4;

/** V8's sampling profiler, in the process itself. */
export class Profiler {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.setSamplingInterval', { interval: INTERVAL });
    this.#session.post('Profiler.start');
  }

  stop(): Profile {
    let profile: V8.Profile | undefined;
    // The inspector answers a session of its own thread at once.
    this.#session.post('Profiler.stop', (_, result) => {
      profile = result.profile;
    });
    return new Profile(profile!);
  }
}

/** Samples of the main thread, by the monotonic clock. */
export class Profile {
  readonly #names = new Map<number, string>();
  readonly #parents = new Map<number, number>();
  readonly #samples: { time: number; node: number }[] = [];

  constructor({ nodes, startTime, samples = [], timeDeltas = [] }: V8.Profile) {
    for (const { id, callFrame, children = [] } of nodes) {
      const file = callFrame.url.slice(callFrame.url.lastIndexOf('/') + 1);
      this.#names.set(id, `${callFrame.functionName || '?'} (${file}:${callFrame.lineNumber + 1})`);
      for (const child of children) this.#parents.set(child, id);
    }
    let time = startTime;
    for (const [i, node] of samples.entries()) {
      time += timeDeltas[i]!;
      this.#samples.push({ time, node });
    }
  }

  /** Functions that take much of a stretch, outermost first, each with its percentage. */
  describe({ from, to, cpu }: Stretch): string {
    const counts = new Map<string, { depth: number; count: number }>();
    const inside = this.#samples.filter(({ time }) => time >= from && time < to);
    for (const { node } of inside) {
      const stack: number[] = [];
      for (let at: number | undefined = node; at !== undefined; at = this.#parents.get(at)) stack.unshift(at);
      for (const [depth, name] of [...new Set(stack.map((id) => this.#names.get(id)!))].entries()) {
        const known = counts.get(name) ?? { depth, count: 0 };
        counts.set(name, { depth: known.depth, count: known.count + 1 });
      }
    }
    const frequent = [...counts].filter(([, { count }]) => count >= inside.length * SHARE);
    const names = frequent
      .sort(([, a], [, b]) => a.depth - b.depth)
      .map(([name, { count }]) => `${name} ${Math.round((100 * count) / inside.length)} %`);
    return `${cpu.toFixed(2)} s: ${names.join(' > ')}`;
  }
}
