import { setImmediate as turn } from 'node:timers/promises';
import { checkRedactOptions } from './options/check-options.js';
import type { RedactOptions } from './options/redact-options.js';
import { proveCopy, writeCopy } from './redact/copy.js';
import { Plan } from './redact/core/plan.js';
import { plannedReader } from './redact/core/planned-reader.js';
import type { PlanFacts } from './redact/core/planner.js';
import { refusals } from './redact/core/refusals.js';
import { noWords, type WordCounts } from './redact/core/word-filter.js';
import { openInput } from './redact/input-file.js';
import { OutputFile } from './redact/output-file.js';
import { plannerOf } from './redact/planners.js';

export type { RedactOptions, RedactProgress } from './options/redact-options.js';

/** What a copy holds. */
export interface RedactResult extends PlanFacts {
  format: string;
  keep: RedactOptions['keep'];
  /** Bytes of the copy, as many as of the dump. */
  bytes: number;
  /** Bytes of the dump that are in the copy. */
  kept: number;
  /** Words of stacks, and what became of them. */
  words: WordCounts;
  /** SHA-256 of the copy, in hexadecimal. */
  sha256: string;
}

/**
 * Copies a dump so that a debugger prints its backtraces, and nothing else of its memory is left
 * (docs/redact.md). The copy gets its name when it was written, read back and compared with what was planned.
 * Throws a {@link DumpsieveError} where that is not possible: then there is no output.
 */
export async function redact(options: RedactOptions): Promise<RedactResult> {
  checkRedactOptions(options);
  const { input: path, output: target, keep, force = false, signal, onProgress } = options;
  const input = await openInput(path);
  const step = (bytes: number): void => {
    signal?.throwIfAborted();
    onProgress?.({ bytes, total: input.reader.length });
  };
  let output: OutputFile | undefined;
  try {
    output = OutputFile.create(target, input.stats, force);
    const { format, planner } = plannerOf(input.reader);
    const plan = new Plan(input.reader.length);
    const { accept32bit = false, paths = 'keep', exe } = options;
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
    await writeCopy(plannedReader(input.reader, parts, words, countMade), parts, output, step);
    const sha256 = await proveCopy(plannedReader(input.reader, parts, noWords()), parts, output, step);
    input.requireUnchanged();
    output.publish();
    const kept = parts.keptBytes + made + (words.code + words.stack) * facts.word;
    return { format, keep, bytes: input.reader.length, kept, words, sha256, ...facts };
  } finally {
    output?.discard();
    input.close();
  }
}
