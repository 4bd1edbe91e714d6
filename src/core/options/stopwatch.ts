import { milliseconds } from '../base/runtime/clock.js';

/**
 * Phases timed on the main thread. Time outside of them is spent waiting for the sweep. `take` stores the
 * integers that workers extract; `numbers` searches them for keys without a marker.
 */
const PHASES = ['start', 'detect', 'take', 'owners', 'numbers', 'prove', 'copies'] as const;
export type Phase = (typeof PHASES)[number];

/** What phases are broken down by: searches for keys without a marker, and detectors. */
type Part = 'searches' | 'detectors';

/**
 * Milliseconds of wall time, by phase and in total; by search, of all threads, and by detector, if that was
 * asked for. `identities`: how many public keys there were of each kind (docs/searches.md).
 */
export type Timings = Record<Phase | 'total', number> &
  Record<Part | 'identities', Readonly<Record<string, number>>>;

/** Adds up how long each phase of a scan takes on the main thread. */
export class Stopwatch {
  /** True if each group of hits is timed, too. */
  readonly isDetailed: boolean;
  readonly #started = milliseconds();
  readonly #parts: Record<Part, Map<string, number>> = { searches: new Map(), detectors: new Map() };
  readonly #identities = new Map<string, number>();
  readonly #spent = Object.fromEntries(PHASES.map((phase) => [phase, 0])) as Record<Phase, number>;

  constructor({ isDetailed = false } = {}) {
    this.isDetailed = isDetailed;
  }

  /** Adds milliseconds that were measured elsewhere. */
  add(part: Part, times: Iterable<readonly [name: string, milliseconds: number]>): void {
    const all = this.#parts[part];
    for (const [name, spent] of times) all.set(name, (all.get(name) ?? 0) + spent);
  }

  /** Adds public keys of an artifact, each by its kind. */
  addIdentities(kinds: Iterable<string>): void {
    for (const kind of kinds) this.#identities.set(kind, (this.#identities.get(kind) ?? 0) + 1);
  }

  /** Times synchronous work. */
  time<T>(phase: Phase, work: () => T): T {
    const start = milliseconds();
    try {
      return work();
    } finally {
      this.#spent[phase] += milliseconds() - start;
    }
  }

  /** Times asynchronous work, including what else the main thread does meanwhile. */
  async wait<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    const start = milliseconds();
    try {
      return await work();
    } finally {
      this.#spent[phase] += milliseconds() - start;
    }
  }

  timings(): Timings {
    const all = { ...this.#parts, identities: this.#identities };
    const parts = Object.fromEntries(
      Object.entries(all).map(([name, numbers]) => [name, Object.fromEntries(numbers)]),
    ) as Pick<Timings, Part | 'identities'>;
    return { ...this.#spent, total: milliseconds() - this.#started, ...parts };
  }
}
