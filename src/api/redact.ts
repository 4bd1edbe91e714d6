import { setImmediate as turn } from 'node:timers/promises';
import { checkRedactOptions, type RedactOptions, requireOptionsOf } from '../core/options/check-options.js';
import { proveCopy, writeCopy } from '../redact/copy.js';
import { CopySession, type NamedDump, type Published } from '../redact/copy-session.js';
import { noWords, Plan, type WordCounts } from '../redact/core/plan.js';
import { plannedReader } from '../redact/core/planned-reader.js';
import type { PlanFacts } from '../redact/core/planner.js';
import { refusals } from '../redact/core/refusals.js';
import { allowListOf, fillOf } from '../redact/manifest/allow-list.js';
import { plannerOf } from '../redact/planners.js';
import type { Scanner } from '../scan/scanner.js';
import type { FilledCopy } from './redact-all.js';

export type { RedactOptions, RedactProgress } from '../core/options/check-options.js';
export type { FilledCopy } from './redact-all.js';

/** A copy for a debugger's backtraces. */
export interface BacktraceCopy extends PlanFacts, Published {
  format: string;
  keep: 'backtrace';
  /** Bytes of the copy, as many as of the dump; of what they hold if they are compressed. */
  bytes: number;
  /** Bytes of the dump that are in the copy. */
  kept: number;
  /** Words of stacks, and what became of them. */
  words: WordCounts;
}

/** What a copy holds. */
export type RedactResult = FilledCopy | BacktraceCopy;

/**
 * Copies a dump so that it is still of use and holds nothing of value (docs/redact.md): with every place of
 * every finding filled, or so that a debugger prints its backtraces and nothing else of its memory is left.
 * The copy gets its name when it was written, read back and compared with what was planned. Throws a
 * {@link DumpsieveError} where that is not possible: then there is no output.
 */
export function redact(options: RedactOptions & { keep: 'backtrace' }): Promise<BacktraceCopy>;
export function redact(options: RedactOptions & { keep?: 'all' }): Promise<FilledCopy>;
export function redact(options: RedactOptions): Promise<RedactResult>;
export function redact(options: RedactOptions): Promise<RedactResult> {
  return redactWithin(options);
}

/** {@link redact} for the dumps of a folder, with one scanner for all. */
export async function redactWithin(
  options: RedactOptions,
  named?: NamedDump,
  scanner?: Scanner,
): Promise<RedactResult> {
  checkRedactOptions(options);
  const { keep = 'all' } = options;
  requireOptionsOf(keep, options);
  if (keep === 'backtrace') return keepBacktrace(options, named);
  const { redactAll } = await import('./redact-all.js');
  return redactAll(options, named, scanner);
}

async function keepBacktrace(options: RedactOptions, named: NamedDump | undefined): Promise<BacktraceCopy> {
  const { signal, onProgress, accept32bit = false, paths = 'keep', exe } = options;
  const session = await CopySession.open(options, named);
  const { input, target } = session;
  const bytes = input.reader.length;
  const step = (done: number): void => {
    signal?.throwIfAborted();
    onProgress?.({ bytes: done, total: bytes });
  };
  try {
    const { format, planner } = plannerOf(input.reader);
    const plan = new Plan(bytes);
    const pause = async (): Promise<void> => {
      step(0);
      await turn();
    };
    const hashNames = paths === 'hash';
    const facts = await planner({ reader: input.reader, plan, accept32bit, hashNames, exe, pause });
    if (plan.overflowed) throw refusals.tooLarge();
    const parts = plan.finish();
    const words = noWords();
    step(0);
    let made = 0;
    const countMade = (bytes: number): void => {
      made += bytes;
    };
    await writeCopy(plannedReader(input.reader, parts, words, countMade), parts, target, step);
    const output = await proveCopy(plannedReader(input.reader, parts, noWords()), parts, target, step);
    const kept = parts.keptBytes + made + (words.code + words.stack) * facts.word;
    const published = await session.publish({
      ...{ format, keep: 'backtrace', paths, output },
      fill: fillOf(facts),
      plan: allowListOf(kept, facts, words),
      coverage: { file: { bytes, unread: [] }, memory: facts.memory, limits: [] },
      acceptedLimits: [],
    });
    return { format, keep: 'backtrace', bytes, kept, words, ...facts, ...published };
  } finally {
    session.close();
  }
}
