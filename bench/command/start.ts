import { statSync } from 'node:fs';
import type { Bench } from './bench.js';
import { MiB } from './inputs.js';
import { COMMAND, type Row, short } from './measure.js';

const PASSES = 31;

const MEASURES = { wall: 'wall time', processor: 'processor time' } as const;
type Measure = keyof typeof MEASURES;

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1]!;

/** `--version`, and a megabyte of zeros, against a bare `node -e 0`: medians of alternating passes. */
export function start({ inputs, times, scan }: Bench): Row[] {
  const empty = inputs.zeros(MiB, false);
  const report = scan([empty], statSync(empty).size, times).report;
  if (report.findings.length > 0) throw new Error('zeros have findings');
  const commands = {
    bare: [process.execPath, '-e', '0'],
    version: [process.execPath, COMMAND, '--version'],
    empty: [process.execPath, COMMAND, 'scan', empty],
  };
  type Name = keyof typeof commands;
  const names = Object.keys(commands) as Name[];
  const passes = Array.from({ length: PASSES }, () =>
    Object.fromEntries(names.map((name) => [name, short(commands[name])])),
  );
  const spent = (name: Name, measure: Measure): number => median(passes.map((pass) => pass[name]![measure]));
  const row = (name: Name, measure: Measure, what: string, most: number): Row => {
    const [time, bare] = [spent(name, measure), spent('bare', measure)];
    return {
      what: `${what} against \`node -e 0\`, ${MEASURES[measure]}`,
      measured: `${(time / bare).toFixed(2)}x (${time.toFixed(0)} to ${bare.toFixed(0)} ms)`,
      target: `at most ${most}x`,
      met: time / bare <= most,
    };
  };
  return (['wall', 'processor'] as const).flatMap((measure) => [
    row('version', measure, '`--version`', 1.8),
    row('empty', measure, '1 MB of zeros, all rules,', 3),
  ]);
}
