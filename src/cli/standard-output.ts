import { statSync } from 'node:fs';
import { fileOf } from '../core/base/runtime/draft-file.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { KeptFiles } from '../core/base/runtime/kept-files.js';
import { orUndefined } from '../core/base/runtime/or-undefined.js';
import { filesRead } from '../core/options/kept-files.js';
import type { OptionRow } from '../core/options/table.js';

const [STDIN, STDOUT] = [0, 1];

/**
 * Throws (exit 3) if standard output is a file that the command reads: `>> prod.pem` would append to it. Of
 * `inputs` only files count: a report may go into a scanned folder. Standard input is `-`.
 */
export function requireOtherOutput(
  table: Readonly<Record<string, OptionRow>>,
  values: object,
  inputs: readonly (string | Uint8Array)[],
): void {
  const output = fileOf(STDOUT);
  if (output === undefined) return;
  const kept = new KeptFiles();
  for (const input of inputs) {
    const path = typeof input === 'string' ? input : Buffer.from(input);
    const stats = input === '-' ? fileOf(STDIN) : orUndefined(() => statSync(path, { bigint: true }));
    if (stats?.isFile()) kept.add(stats, 'the input itself', 'output-is-input');
  }
  const use = filesRead(table, values, kept).useOf(output);
  if (use === undefined) return;
  throw new DumpsieveError({
    code: use.code,
    message: `standard output is ${use.what}`,
    hint: 'what is read is never written to: name another file',
  });
}
