import type { ScanEvent } from '../model/report.js';

/** What a reporter does with each type of event. */
export type Handlers = { [T in ScanEvent['type']]: (event: Extract<ScanEvent, { type: T }>) => void };

/** Hands an event to the handler of its type. */
export function dispatch(handlers: Handlers, event: ScanEvent): void {
  (handlers[event.type] as (event: ScanEvent) => void)(event);
}
