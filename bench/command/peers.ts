import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { isWideForm, literalIndex } from '../../src/core/base/bytes/literal-id.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import { compileRules } from '../../src/rules/compile.js';
import type { Literal } from '../../src/rules/types.js';
import { kernelName } from '../../src/sweep/kernel-select.js';
import { batchesOf } from '../sweep/passes.js';
import { builtinSet } from '../sweep/sets.js';
import type { Bench } from './bench.js';
import { GiB, MiB } from './inputs.js';
import { best, type Ran, type Row, run, type Scanned, seconds, speed } from './measure.js';

const PASSES = 3;
/** Bytes of the file for the comparison with yara. */
const SIZE = 2 * GiB;

/** The literals as one yara rule; text is `ascii wide` if it has a wide form here. */
function yaraRule(literals: readonly Literal[]): string {
  const strings = literals.map(({ bytes, wide }, i) => {
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
    if (!wide) return `$s${i} = { ${hex.join(' ')} }`;
    return `$s${i} = "${hex.map((byte) => `\\x${byte}`).join('')}" ascii wide`;
  });
  return `rule literals { strings:\n${strings.join('\n')}\ncondition: any of them }\n`;
}

/** Hits of each literal in its plain form: yara's wide form ends in a NUL, this sweep's does not. */
function narrowHits(path: string, literals: readonly Literal[]): number[] {
  const counts = literals.map(() => 0);
  const fd = openSync(path, 'r');
  const storage = { kind: 'file', fd, length: statSync(path).size } as const;
  for (const { ids } of batchesOf(kernelName(), { net: builtinSet().net, storage })) {
    for (const id of ids) if (!isWideForm(id)) counts[literalIndex(id)]!++;
  }
  closeSync(fd);
  return counts;
}

/** The same from the output of `yara -s -L`: `0xOFFSET:LENGTH:$sINDEX: …`. */
function yaraHits(printed: string, literals: readonly Literal[]): number[] {
  const counts = literals.map(() => 0);
  for (const [, length, index] of printed.matchAll(/^0x[0-9a-f]+:(\d+):\$s(\d+):/gm)) {
    const i = Number(index);
    if (Number(length) === literals[i]!.bytes.length) counts[i]!++;
  }
  return counts;
}

/** The whole command against yara with the same literals. */
export function yara(bench: Bench): Row[] {
  const path = bench.inputs.dense(SIZE);
  return [besideYara('2 GiB of /usr/lib', path, bench.net.length > 0 ? 4 : 3, bench)];
}

/** One file; `goal`: smallest speed relative to yara. */
export function besideYara(
  what: string,
  path: string,
  goal: number,
  { inputs, times, scan, net }: Bench,
): Row {
  const size = statSync(path).size;
  const { literals } = compileRules(loadBuiltin());
  const rules = inputs.path('literals.yar');
  writeFileSync(rules, yaraRule(literals));
  const ours: Scanned[] = [];
  const theirs: Ran[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    theirs.push(run(['yara', '-w', '-s', '-L', rules, path], times));
    ours.push(scan([...net, path], size, times));
  }
  const [expected, printed] = [narrowHits(path, literals), yaraHits(theirs[0]!.stdout, literals)];
  const other = expected.findIndex((count, i) => count !== printed[i]);
  if (other >= 0)
    throw new Error(`literal ${other}: ${expected[other]} hits here, ${printed[other]} in yara`);
  const [us, peer] = [best(ours), best(theirs)];
  const ratio = peer.wall / us.wall;
  const processor = peer.processor / us.processor;
  const hits = expected.reduce((a, b) => a + b);
  return {
    what: `whole command against yara, same literals, ${what}`,
    measured: [
      `${ratio.toFixed(1)}x wall (${seconds(peer.wall)} to ${seconds(us.wall)})`,
      `${processor.toFixed(1)}x processor; ${hits} hits equal`,
    ].join(', '),
    target: `at least ${goal}x`,
    met: ratio >= goal,
  };
}

/**
 * The whole command against gitleaks per byte, on 64 MiB with one made-up token at the end, which both must
 * find.
 */
export function gitleaks({ inputs, times, scan, net }: Bench): Row[] {
  const folder = inputs.path('gitleaks');
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/slice`;
  const token = Buffer.from(`\ntoken = "glpat-${randomBytes(15).toString('base64url')}"\n`);
  // Text first: gitleaks skips files that begin like a program.
  writeFileSync(path, 'slice of memory\n');
  const out = openSync(path, 'a');
  writeSync(out, readFileSync(inputs.slice(inputs.files(), 64 * MiB)));
  writeSync(out, token);
  closeSync(out);
  const size = statSync(path).size;
  const report = inputs.path('gitleaks.json');
  const theirs = run(
    ['gitleaks', 'detect', '--no-git', '--no-banner', '--source', folder, '--report-path', report],
    times,
  );
  const ruleIds = (JSON.parse(readFileSync(report, 'utf8')) as { RuleID: string }[]).map(
    ({ RuleID }) => RuleID,
  );
  const large = inputs.dense(GiB);
  const found = scan([...net, path], size, times).report.findings.map(({ ruleId }) => ruleId);
  if (!ruleIds.includes('gitlab-pat') || !found.includes('gitlab-token'))
    throw new Error('the token at the end of the slice was not found by both');
  const ours = best(Array.from({ length: PASSES }, () => scan([...net, large], GiB, times)));
  const ratio = theirs.wall / size / (ours.wall / GiB);
  const processor = theirs.processor / size / (ours.processor / GiB);
  return [
    {
      what: 'whole command (1 GiB) against gitleaks (64 MiB of it), per byte',
      measured: [
        `${ratio.toFixed(0)}x wall (${speed(GiB, ours.wall)} to ${speed(size, theirs.wall)})`,
        `${processor.toFixed(0)}x processor; both find the token at its end`,
      ].join(', '),
      target: 'at least 200x',
      met: ratio >= 200,
    },
  ];
}
