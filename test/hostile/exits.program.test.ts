import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import type { Summary } from '../../src/index.js';
import { buildElfCore } from '../formats/build-elf.js';
import { vmwareState } from '../formats/build-machine-dumps.js';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import type { Report } from '../support/reports.js';
import { collect } from './collect.js';

/** A cause of an exit status: its arguments, and its effect on the run. */
interface Cause {
  name: string;
  args: string[];
  /** The status it causes alone. */
  alone: 0 | 1 | 2 | 3;
  /** Completeness alone, and under `--strict`. */
  strictly: 0 | 1 | 2 | 3;
}

const CAUSES: readonly Cause[] = [
  { name: 'nothing', args: ['clean'], alone: 0, strictly: 0 },
  { name: 'a finding', args: ['token'], alone: 1, strictly: 1 },
  { name: 'unread bytes', args: ['cut.gz'], alone: 2, strictly: 2 },
  { name: 'a missing path', args: ['not-there'], alone: 2, strictly: 2 },
  { name: 'an encoded dump', args: ['kdump'], alone: 2, strictly: 2 },
  { name: 'missing memory', args: ['cut.core'], alone: 0, strictly: 2 },
  { name: 'a cut heap dump', args: ['cut.hprof'], alone: 2, strictly: 2 },
  { name: 'a dump that is not parsed', args: ['state.vmss'], alone: 0, strictly: 2 },
  { name: 'a link that leads outside', args: ['links'], alone: 0, strictly: 2 },
  { name: 'misuse', args: ['--no-such-flag'], alone: 3, strictly: 3 },
  { name: 'an unknown rule', args: ['--only', 'no-such-rule'], alone: 3, strictly: 3 },
];

const RANK = [0, 2, 1, 3];
const worse = (a: number, b: number): number => (RANK.indexOf(a) > RANK.indexOf(b) ? a : b);

async function withCauses(body: (cwd: string) => Promise<void>): Promise<void> {
  await withTempDir(async (cwd) => {
    const write = (name: string, bytes: string | Uint8Array) => writeFileSync(join(cwd, name), bytes);
    const random = new SeededRandom('exit');
    write('clean', 'nothing to see');
    write('token', githubToken(random));
    write('cut.gz', gzipSync(random.bytes(1000)).subarray(0, 500));
    write('kdump', Buffer.concat([Buffer.from('KDUMP   '), Buffer.alloc(4096)]));
    const core = buildElfCore({ segments: [{ vaddr: 0x1000n, bytes: Buffer.alloc(100) }] }).bytes;
    write('cut.core', core.subarray(0, -10));
    write('cut.hprof', 'JAVA PROFILE 1.0.2\0');
    write('state.vmss', vmwareState().bytes);
    mkdirSync(join(cwd, 'links'));
    write('links/inside', 'x');
    write('outside', 'x');
    symlinkSync('../outside', join(cwd, 'links/out'));
    await body(cwd);
  });
}

/** The expected status, verdict and completeness by the contract: 3 over 1 over 2. */
function expected(causes: readonly Cause[], flags: readonly string[]): number {
  const strict = flags.includes('--strict');
  const statuses = causes.map(({ alone, strictly }) => (strict ? strictly : alone));
  const effective = flags.includes('--exit-zero') ? statuses.filter((status) => status !== 1) : statuses;
  return effective.reduce<number>(worse, 0);
}

/**
 * Pairs that a library call can express run in this process, which is faster. Misuse and single causes use
 * the command.
 */
async function outcome(causes: readonly Cause[], flags: readonly string[], cwd: string): Promise<string> {
  const args = causes.flatMap((cause) => cause.args);
  const misuse = causes.some(({ alone }) => alone === 3);
  if (causes.length > 1 && !misuse) {
    const options = { strict: flags.includes('--strict'), exitZero: flags.includes('--exit-zero') };
    const { summary } = await collect({ paths: args.map((path) => join(cwd, path)), ...options });
    return `${summary.exit}, ${inWords(summary)}`;
  }
  // A scan needs a path, even if something else is wrong.
  const paths = causes.every(({ alone }) => alone === 3) ? ['clean'] : [];
  const { status, stdout } = await runCli(['scan', '--format', 'json', ...flags, ...args, ...paths], { cwd });
  if (status === 3) return '3, none';
  const { verdict, complete, summary } = JSON.parse(stdout) as Report;
  return `${status}, ${inWords({ verdict, complete, exit: summary.exit })}`;
}

const inWords = ({ verdict, complete, exit }: Pick<Summary, 'verdict' | 'complete' | 'exit'>): string =>
  `${verdict} ${complete ? 'complete' : 'incomplete'} ${exit}`;

function expectedVerdict(causes: readonly Cause[], flags: readonly string[]): string {
  const strict = flags.includes('--strict');
  const statuses = causes.map(({ alone, strictly }) => (strict ? strictly : alone));
  if (statuses.includes(3)) return 'none';
  const complete = !statuses.includes(2);
  const verdict = statuses.includes(1) ? 'findings' : complete ? 'nothing-found' : 'incomplete';
  return `${verdict} ${complete ? 'complete' : 'incomplete'} ${expected(causes, flags)}`;
}

const PAIRS = CAUSES.flatMap((a, i) => CAUSES.slice(i + 1).map((b) => [a, b] as const));

describe('each pair of causes of an exit status', () => {
  test.each([[[]], [['--strict']], [['--exit-zero']], [['--strict', '--exit-zero']]])(
    'with %j',
    async (flags: string[]) => {
      await withCauses(async (cwd) => {
        const run = async (causes: readonly Cause[]): Promise<string> =>
          `${causes.map(({ name }) => name).join(' and ')}: ${await outcome(causes, flags, cwd)}`;
        const all = [...CAUSES.map((cause) => [cause]), ...PAIRS];
        const got: string[] = [];
        for (let at = 0; at < all.length; at += 4)
          got.push(...(await Promise.all(all.slice(at, at + 4).map(run))));
        const want = all.map(
          (causes) =>
            `${causes.map(({ name }) => name).join(' and ')}: ` +
            `${expected(causes, flags)}, ${expectedVerdict(causes, flags)}`,
        );
        expect(got).toEqual(want);
      });
    },
  );
});
