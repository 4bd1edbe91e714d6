import { worstExit } from '../core/base/runtime/errors.js';
import type { FolderCopy, FolderOptions, RedactResult } from '../index.js';
import { settleStatus } from './failure.js';
import { print, printBeside } from './print.js';
import { FILLS_LOOK_REAL, grouped } from './redact-summary.js';
import { stoppable } from './stoppable.js';
import { type Column, tableLines } from './table.js';

/** Copies the dumps of a folder, prints a table of them, and returns the worst of their exit statuses. */
export async function redactFolderVerb(
  options: FolderOptions,
  { progress, quiet }: { progress?: boolean; quiet?: boolean },
): Promise<number> {
  const { redactFolder } = await import('../index.js');
  const copies: FolderCopy[] = [];
  return stoppable(
    progress,
    async (watch) => {
      for await (const copy of redactFolder({ ...options, ...watch })) copies.push(copy);
    },
    () => {
      const status = worstExit(new Set(copies.map(({ exit }) => exit)));
      settleStatus(status);
      if (!quiet) print(tableOf(copies));
      for (const { path, problem } of copies) {
        if (problem === undefined) continue;
        const { code, message, hint = '' } = problem;
        printBeside(`dumpsieve: ${path}: ${code}: ${message}\n${hint && `  hint: ${hint}\n`}`);
      }
      return status;
    },
  );
}

const COLUMNS: readonly Column[] = [
  { heading: 'file' },
  { heading: 'copy' },
  { heading: 'exit', right: true },
  { heading: 'bytes', right: true },
  { heading: 'what' },
];

/** Names are masked by now. */
function tableOf(copies: readonly FolderCopy[]): string {
  const rows = copies.map(({ path, exit, copy, problem }) => [
    path,
    copy ? 'yes' : 'no',
    String(exit),
    copy ? grouped(copy.bytes) : '',
    copy ? whatOf(copy) : (problem?.code ?? ''),
  ]);
  const made = copies.filter(({ copy }) => copy !== undefined).length;
  const total = `copies: ${grouped(made)}, without one: ${grouped(copies.length - made)}`;
  const note = copies.some(({ copy }) => copy !== undefined && isChanged(copy)) ? [FILLS_LOOK_REAL] : [];
  return `${[...tableLines(COLUMNS, rows), total, ...note].join('\n')}\n`;
}

const isChanged = (copy: RedactResult): boolean => copy.keep === 'backtrace' || copy.filled > 0;

function whatOf(copy: RedactResult): string {
  const { format } = copy;
  if (copy.keep === 'backtrace') return `${format}, kept ${grouped(copy.kept)}`;
  return copy.filled === 0 ? `${format}, nothing found` : `${format}, filled ${grouped(copy.filled)}`;
}
