import { Turns } from '../core/base/runtime/turns.js';
import type { ScanEvent } from '../core/model/report.js';
import { SHORTEST_SECRET } from '../known/secret-index.js';

/** Caps on deferred events, and on the warnings and ranges in them. */
const MOST = { events: 10_000, entries: 100_000 } as const;

/**
 * Defers the events before the findings until all files are swept, or until there are too many to keep. They
 * hold arguments and paths, and what is masked in these may be found in a later file. Timers and signals run
 * while a long report is read.
 */
export async function* deferred(all: AsyncIterable<ScanEvent>): AsyncGenerator<ScanEvent> {
  const turns = new Turns();
  let kept: ScanEvent[] = [];
  let entries = 0;
  try {
    for await (const event of all) {
      if (!isDeferred(event)) {
        yield* kept;
        yield event;
        if (turns.isDue) await turns.take();
      } else {
        kept.push(event);
        entries += entriesOf(event);
        if (kept.length < MOST.events && entries < MOST.entries) continue;
        yield* kept;
      }
      kept = [];
      entries = 0;
    }
  } catch (error) {
    yield* kept;
    throw error;
  }
  yield* kept;
}

const isDeferred = (event: ScanEvent): boolean =>
  event.type === 'artifact' || (event.type === 'run' && mayHoldSecret(event.options));

const mayHoldSecret = (value: unknown): boolean =>
  typeof value === 'string'
    ? value.length >= SHORTEST_SECRET
    : typeof value === 'object' && value !== null && Object.values(value).some(mayHoldSecret);

function entriesOf(event: ScanEvent): number {
  if (event.type !== 'artifact') return 1;
  const { file, memory, limits } = event.coverage;
  const { warnings, regions = [] } = event;
  const gaps = file.unread.length + (memory?.missing.length ?? 0) + limits.length;
  return 1 + warnings.length + gaps + regions.length;
}
