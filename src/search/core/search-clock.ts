import { milliseconds } from '../../core/base/runtime/clock.js';
import type { SearchId } from '../../core/limits/searches.js';

/** Milliseconds of one thread, by search: plain data. */
export type SearchTimes = readonly (readonly [search: SearchId, milliseconds: number])[];

/**
 * Adds up how long each search of a thread takes. A search within another one has its own time. Passes that
 * several searches share count for the one that needs them most.
 */
export class SearchClock {
  readonly #spent = new Map<SearchId, number>();
  /** Searches under way, the innermost one last, and when its time began or went on. */
  readonly #underWay: SearchId[] = [];
  #since = 0;

  time<T>(search: SearchId, work: () => T): T {
    this.#enter(search);
    try {
      return work();
    } finally {
      this.#leave();
    }
  }

  /** The items, without the time of their consumer. */
  *each<T, R>(search: SearchId, items: Iterable<T, R>): Generator<T, R, undefined> {
    const iterator = items[Symbol.iterator]();
    let isDone = false;
    try {
      for (;;) {
        const next = this.time(search, () => iterator.next());
        isDone = next.done === true;
        if (next.done) return next.value;
        yield next.value;
      }
    } finally {
      if (!isDone) iterator.return?.();
    }
  }

  /** Adds what was measured elsewhere. */
  add(times: SearchTimes): void {
    for (const [search, spent] of times) this.#add(search, spent);
  }

  get times(): SearchTimes {
    return [...this.#spent];
  }

  #enter(search: SearchId): void {
    this.#stop();
    this.#underWay.push(search);
  }

  #leave(): void {
    this.#stop();
    this.#underWay.pop();
  }

  /** Adds the time since the last change to the innermost search. */
  #stop(): void {
    const now = milliseconds();
    const search = this.#underWay.at(-1);
    if (search !== undefined) this.#add(search, now - this.#since);
    this.#since = now;
  }

  #add(search: SearchId, spent: number): void {
    this.#spent.set(search, (this.#spent.get(search) ?? 0) + spent);
  }
}
