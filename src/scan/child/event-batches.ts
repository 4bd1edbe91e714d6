import type { ScanEvent } from '../../core/model/report.js';

/** Bounds of a message: events, and characters and values in them. */
const MOST = { events: 16, size: 64 * 1024 } as const;
/** Milliseconds after which events are sent though more may come. */
const LATE = 20;

/**
 * Gathers the events of a scan into few messages: one of its own for each costs child and caller as much time
 * as a tenth of the scan of a small file.
 */
export class EventBatches {
  readonly #send: (events: ScanEvent[]) => Promise<void>;
  #events: ScanEvent[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (events: ScanEvent[]) => Promise<void>) {
    this.#send = send;
  }

  /** Rejects if the caller is gone. */
  async add(event: ScanEvent): Promise<void> {
    this.#events.push(event);
    this.#size += sizeOf(event);
    if (this.#events.length >= MOST.events || this.#size >= MOST.size) return this.flush();
    // An error is that of the next message too.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), LATE);
  }

  /** Sends what was gathered. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const events = this.#events;
    if (events.length === 0) return;
    this.#events = [];
    this.#size = 0;
    await this.#send(events);
  }
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  let size = 1;
  for (const each of Object.values(value)) size += sizeOf(each);
  return size;
}
