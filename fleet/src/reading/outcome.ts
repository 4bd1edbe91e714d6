import { theHost } from '../host.js';
import type { Outcome } from '../model/work.js';

/** Codes of `openDump` after which a later attempt may succeed. */
const TEMPORARY: ReadonlySet<string> = new Set(['object-unreachable', 'spool-full', 'spool-failed']);

/** What an error of `openDump` means for a job; undefined for an error that is not of the dump. */
export function outcomeOf(error: unknown): Outcome | undefined {
  if (!(error instanceof theHost().DumpsieveError)) return undefined;
  const { code, message } = error;
  if (code === 'object-replaced') return { type: 'replaced' };
  return { type: 'unreadable', code, message, isTemporary: TEMPORARY.has(code) };
}
