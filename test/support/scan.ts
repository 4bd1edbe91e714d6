import { type ScanEvent, type ScanOptions, scan as unchecked } from '../../src/index.js';
import { validateEvent } from './reports.js';

/** The library's scan, each of its events held against the schema that ships. */
export async function* scan(options: ScanOptions): AsyncGenerator<ScanEvent> {
  for await (const event of unchecked(options)) {
    validateEvent(JSON.parse(JSON.stringify(event)));
    yield event;
  }
}
