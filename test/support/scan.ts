import { type ScanEvent, type ScanOptions, scan as unchecked } from '../../src/index.js';
import { validateEvent } from './reports.js';

/** The library's scan, each event validated against the published schema. */
export async function* scan(options: ScanOptions): AsyncGenerator<ScanEvent> {
  for await (const event of unchecked(options)) {
    validateEvent(JSON.parse(JSON.stringify(event)));
    yield event;
  }
}
