import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { type ScanEvent, Scanner, type ScannerOptions } from '../../src/index.js';
import { validateEvent } from '../support/reports.js';

export const token = (seed: number): string => githubToken(new SeededRandom(`scanner ${seed}`));

export async function collect(events: AsyncIterable<ScanEvent>): Promise<ScanEvent[]> {
  const all: ScanEvent[] = [];
  for await (const event of events) {
    validateEvent(JSON.parse(JSON.stringify(event)));
    all.push(event);
  }
  return all;
}

/** Events without what differs between two runs. */
export const timeless = (events: readonly ScanEvent[]): unknown =>
  JSON.parse(
    JSON.stringify(events, (key, value) => (['startedAt', 'seconds'].includes(key) ? undefined : value)),
  );

export async function withScanner<T>(
  options: ScannerOptions,
  body: (scanner: Scanner) => Promise<T>,
): Promise<T> {
  const scanner = await Scanner.open(options);
  try {
    return await body(scanner);
  } finally {
    await scanner.close();
  }
}

/** The events of a folder, source by source. */
export function bySource(events: readonly ScanEvent[]): ScanEvent[][] {
  const sources: ScanEvent[][] = [];
  for (const event of events) {
    if (event.type === 'run') sources.push([]);
    sources.at(-1)!.push(event);
  }
  return sources;
}

export const summaryOf = (events: readonly ScanEvent[]) => {
  const last = events.at(-1);
  if (last?.type !== 'summary') throw new Error('the events end without a summary');
  return last;
};

export const codesOf = (events: readonly ScanEvent[]): string[] =>
  summaryOf(events).warnings.map(({ code }) => code);
