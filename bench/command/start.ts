import { statSync } from 'node:fs';
import type { Bench } from './bench.js';
import { MiB } from './inputs.js';
import { COMMAND, type Row, shortProcessor } from './measure.js';

const PASSES = 21;

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1]!;

/** `--version`, and a megabyte of zeros with nothing in it, beside a bare `node -e 0`: medians of processor time. */
export function start({ inputs, times, scan }: Bench): Row[] {
  const empty = inputs.zeros(MiB, false);
  const report = scan([empty], statSync(empty).size, times).report;
  if (report.findings.length > 0) throw new Error('something was found in zeros');
  const commands = {
    bare: [process.execPath, '-e', '0'],
    version: [process.execPath, COMMAND, '--version'],
    empty: [process.execPath, COMMAND, 'scan', empty],
  };
  const spent: Record<keyof typeof commands, number[]> = { bare: [], version: [], empty: [] };
  for (let pass = 0; pass < PASSES; pass++)
    for (const name of ['bare', 'version', 'empty'] as const)
      spent[name].push(shortProcessor(commands[name]));
  const row = (name: 'version' | 'empty', what: string, most: number): Row => {
    const ratio = median(spent[name]) / median(spent.bare);
    return {
      what,
      measured: `${ratio.toFixed(2)}x (${median(spent[name]).toFixed(0)} to ${median(spent.bare).toFixed(0)} ms)`,
      target: `at most ${most}x`,
      met: ratio <= most,
    };
  };
  return [
    row('version', '`--version` beside `node -e 0`', 1.8),
    row('empty', '1 MB of zeros, all rules, beside `node -e 0`', 3),
  ];
}
