import { setTimeout as sleep } from 'node:timers/promises';
import { theHost } from '../host.js';
import type { Notices } from './notices.js';

/** Milliseconds before the second attempt; each further one waits twice as long, up to a bound. */
const FIRST = 250;
const LONGEST = 15_000;

/** Codes of a store that cannot be reached now. */
const PASSING: ReadonlySet<string> = new Set(['store-unreachable', 'store-busy']);

export interface PatienceOptions {
  /** Milliseconds of all attempts of one statement. */
  most: number;
  notices: Notices;
  /** After it is aborted, no attempt is waited for. */
  signal?: AbortSignal | undefined;
}

/** Milliseconds before attempt `n` (1 is the second one), of which a random half differs between workers. */
export function backoff(n: number, first = FIRST, longest = LONGEST): number {
  const whole = Math.min(longest, first * 2 ** (n - 1));
  return whole / 2 + (whole / 2) * Math.random();
}

/** Repeats what fails because the store cannot be reached now, for a bounded time. */
export class Patience {
  readonly #options: PatienceOptions;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  async of<T>(body: () => Promise<T>): Promise<T> {
    const { most, notices, signal } = this.#options;
    const start = performance.now();
    for (let n = 1; ; n++) {
      try {
        return await body();
      } catch (error) {
        if (!isPassing(error) || signal?.aborted || performance.now() - start > most) throw error;
        notices.add(error.notice());
        await sleep(backoff(n), undefined, { ...(signal === undefined ? {} : { signal }) }).catch(() => {});
      }
    }
  }
}

function isPassing(error: unknown): error is InstanceType<ReturnType<typeof theHost>['DumpsieveError']> {
  return error instanceof theHost().DumpsieveError && PASSING.has(error.code);
}
