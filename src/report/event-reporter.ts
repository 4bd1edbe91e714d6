import type { ScanEvent } from '../core/model/report.js';
import type { Reporter } from './types.js';

/** A handler for each type of event. */
export type Handlers = { [T in ScanEvent['type']]: (event: Extract<ScanEvent, { type: T }>) => void };

/** A reporter with a handler for each type of event. */
export abstract class EventReporter implements Reporter {
  protected readonly write: (text: string) => void;
  protected abstract readonly on: Handlers;

  constructor(write: (text: string) => void) {
    this.write = write;
  }

  event(event: ScanEvent): void {
    (this.on[event.type] as (event: ScanEvent) => void)(event);
  }

  abstract end(): void;
}
