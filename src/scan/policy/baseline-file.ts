import { DraftFile, nameBehindLinks } from '../../core/base/runtime/draft-file.js';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import { readFile } from '../secret-files/read-file.js';
import { Baseline } from './baseline.js';

/** Throws (exit 3) for a file that cannot be read or is no baseline. */
export function readBaseline(file: string): Baseline {
  const notice = { code: 'baseline-unreadable', hint: 'write one with --write-baseline' };
  return Baseline.parse(Buffer.from(readFile(file, notice)).toString('utf8'), file);
}

/** A full disk must not destroy the old baseline. */
export function replaceBaseline(file: string, text: string): void {
  let draft: DraftFile | undefined;
  try {
    draft = new DraftFile(nameBehindLinks(file));
    draft.write(text);
    draft.publish();
  } catch (error) {
    throw notWritable(file, error);
  } finally {
    draft?.discard();
  }
}

export function notWritable(file: string, error: unknown): DumpsieveError {
  return new DumpsieveError(
    {
      code: 'baseline-not-writable',
      message: `${file} cannot be written (${reasonOf(error)})`,
      hint: 'check the path of the baseline and its folder',
    },
    3,
    error,
  );
}
