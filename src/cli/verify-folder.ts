import { worstExit } from '../core/base/runtime/errors.js';
import type { FolderVerification, VerifyFolderOptions } from '../index.js';
import { printMasked } from './failure.js';
import { print } from './print.js';
import { grouped } from './redact-summary.js';
import { stoppable } from './stoppable.js';
import { type Column, tableLines } from './table.js';

/** Verifies the copies of a folder, prints a table of them, and returns the worst of their exit statuses. */
export async function verifyFolderVerb(
  options: VerifyFolderOptions,
  { progress, quiet }: { progress?: boolean | undefined; quiet?: boolean | undefined },
): Promise<number> {
  const { verifyFolder } = await import('../index.js');
  const files: FolderVerification[] = [];
  return stoppable(
    progress,
    async (watch) => {
      for await (const file of verifyFolder({ ...options, ...watch })) files.push(file);
    },
    async () => {
      if (!quiet) print(tableOf(files));
      for (const { path, problem, result } of files)
        for (const { code, message, hint } of [problem ?? [], result?.problems ?? []].flat())
          await printMasked(`dumpsieve: ${path}: ${code}: ${message}\n  hint: ${hint}\n`, []);
      return worstExit(new Set(files.map(({ exit }) => exit)));
    },
  );
}

const COLUMNS: readonly Column[] = [
  { heading: 'file' },
  { heading: 'verified' },
  { heading: 'exit', right: true },
  { heading: 'sha256, or what is wrong' },
];

function tableOf(files: readonly FolderVerification[]): string {
  const rows = files.map(({ path, exit, result, problem }) => [
    path,
    result?.verified ? 'yes' : 'no',
    String(exit),
    result?.verified
      ? (result.manifest?.output.sha256 ?? '')
      : ((problem ?? result?.problems[0])?.code ?? ''),
  ]);
  const verified = files.filter(({ result }) => result?.verified).length;
  const total = `verified: ${grouped(verified)}, not: ${grouped(files.length - verified)}`;
  return `${[...tableLines(COLUMNS, rows), total].join('\n')}\n`;
}
