import { failure } from '../host.js';

/** Space that was reserved. */
export interface Reservation {
  readonly bytes: number;
  /** Once; further calls do nothing. */
  release(): void;
}

interface Waiting {
  bytes: number;
  grant(reservation: Reservation): void;
}

/**
 * Bytes of disk that may be in use at once. Requests are granted in their order, but for those that are small
 * enough not to delay the first that waits: they pass it.
 */
export class SpoolSpace {
  readonly #most: number;
  #used = 0;
  /** Of these, bytes of requests that have passed the one that waits first. */
  #passed = 0;
  readonly #waiting: Waiting[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes in use. */
  get used(): number {
    return this.#used;
  }

  /**
   * Resolves when there is space. Throws `dump-exceeds-spool` (exit 2) for more than there can ever be, and
   * the signal's reason.
   */
  async reserve(bytes: number, signal?: AbortSignal): Promise<Reservation> {
    signal?.throwIfAborted();
    if (bytes > this.#most)
      throw failure(
        {
          code: 'dump-exceeds-spool',
          message: `${bytes} bytes are more than the spool may take at all (${this.#most})`,
          hint: 'allow more by --spool-max',
        },
        2,
      );
    if (this.#fits(bytes)) return this.#taken(bytes, this.#waiting.length > 0);
    return new Promise((resolve, reject) => {
      const waiting = { bytes, grant: resolve };
      this.#waiting.push(waiting);
      signal?.addEventListener(
        'abort',
        () => {
          const at = this.#waiting.indexOf(waiting);
          if (at < 0) return;
          this.#waiting.splice(at, 1);
          this.#grant();
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  #fits(bytes: number): boolean {
    const [first] = this.#waiting;
    if (this.#used + bytes > this.#most) return false;
    return first === undefined || this.#passed + bytes <= this.#most - first.bytes;
  }

  #taken(bytes: number, hasPassed: boolean): Reservation {
    this.#used += bytes;
    if (hasPassed) this.#passed += bytes;
    let isHeld = true;
    const first = this.#waiting[0];
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.#used -= bytes;
      // Another one waits first by now: what passed the one before is not counted any more.
      if (hasPassed && this.#waiting[0] === first) this.#passed -= bytes;
      this.#grant();
    };
    return { bytes, release };
  }

  #grant(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || this.#used + first.bytes > this.#most) break;
      this.#waiting.shift();
      this.#passed = 0;
      first.grant(this.#taken(first.bytes, false));
    }
    // Those behind the first that are small enough.
    for (let i = 1; i < this.#waiting.length; ) {
      const next = this.#waiting[i]!;
      if (!this.#fits(next.bytes)) {
        i++;
        continue;
      }
      this.#waiting.splice(i, 1);
      next.grant(this.#taken(next.bytes, true));
    }
  }
}
