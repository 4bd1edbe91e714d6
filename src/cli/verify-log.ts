import { escapeText } from '../core/base/text/escape.js';
import type { LogVerification, VerifyLogOptions } from '../index.js';
import { printMasked } from './failure.js';
import { print } from './print.js';

/** Verifies a guard's log, prints what that proves, and returns the exit status. */
export async function verifyLogVerb(options: VerifyLogOptions, quiet: boolean | undefined): Promise<number> {
  const { verifyLog } = await import('../index.js');
  const result = await verifyLog(options);
  if (result.verified && !quiet) print(summary(result));
  for (const { code, message, hint } of result.problems)
    await printMasked(`dumpsieve: ${code}: ${escapeText(message)}\n  hint: ${hint}\n`, []);
  return result.exit;
}

function summary({ head, entries, since, proven, notProven }: LogVerification): string {
  if (head === undefined) return '';
  const kept = since.heads === 0 ? '' : `, ${since.heads} kept elsewhere`;
  const lines = [
    `verified: a guard's log, entries: ${entries.toLocaleString('en-US')}, heads: 1 signed${kept}`,
    `head: guard log ${head.origin} ${head.count} ${head.hash}`,
    ...proven.map((each) => `proven: ${each}`),
    ...notProven.map((each) => `not proven: ${each}`),
  ];
  return `${lines.join('\n')}\n`;
}
