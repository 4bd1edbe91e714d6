import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { reporters } from '../../src/index.js';
import { blocksOf } from '../report/html-blocks.js';
import { type CliOptions, type CliResult, hasReadInput, runCli, scanJson, startCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { leaks } from '../support/planted.js';
import { validateText } from '../support/reports.js';
import { writePrivate } from '../support/secrets.js';
import { Planter } from './planter.js';

/** 20 dumps with 10 secrets each, none of which may appear in any output. */
const DUMPS = 20;

/** A module that runs `code` when the scan opens its first dump. */
const onceOpened = (code: string): string => `
  import fs from 'node:fs';
  const { open } = fs;
  fs.open = (...args) => {
    if (String(args[0]).includes('/dumps/')) { ${code} }
    return open(...args);
  };`;

/** Worst-case defects: errors that quote the bytes at hand, thrown in unexpected places. */
const defects = [
  {
    name: 'an error in the middle of the scan',
    code: `
      import crypto from 'node:crypto';
      import { syncBuiltinESMExports } from 'node:module';
      const update = (bytes) => { throw new Error('cannot hash\\n' + Buffer.from(bytes)); };
      crypto.createHash = () => ({ update });
      syncBuiltinESMExports();`,
  },
  {
    name: 'an exception outside any call',
    code: onceOpened("setImmediate(() => { throw new Error('near\\n' + process.env.PLANTED); });"),
  },
  {
    name: 'an unhandled rejection',
    code: onceOpened("Promise.reject(new Error('near\\n' + process.env.PLANTED));"),
  },
];

const FORMATS = Object.keys(reporters);
const REPORTS = FORMATS.map((format) => `report.${format}`).sort();
/** Options that write a report of each format into the working folder. */
const OUTPUTS = FORMATS.flatMap((format) => ['--output', `${format}=report.${format}`]);
const [LARGE, MIB] = [80, 1 << 20];

/** All text of a run: its output and every file in `folders`, names included. */
function traces(result: CliResult, ...folders: string[]): string {
  const files = folders.filter(existsSync).flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
      try {
        const text = readFileSync(join(folder, name), 'latin1');
        return [name, text, JSON.stringify(blocksOf(text))];
      } catch {
        return [name]; // a folder, or already deleted
      }
    }),
  );
  return [result.stdout, result.stderr, ...files].join('\n\n');
}

interface Scene {
  planter: Planter;
  /** Contains the dumps. */
  dumps: string;
  /** Temporary files, spool and reports of the run. */
  scratch: string;
  options: CliOptions;
}

/** Made once: a run never writes to its input. */
const home = mkdtempSync(join(tmpdir(), 'dumpsieve-leak-'));
const dumps = join(home, 'dumps');
const planter = new Planter();

beforeAll(() => {
  mkdirSync(dumps);
  for (let i = 0; i < DUMPS; i++) planter.dump(dumps, i);
});

afterAll(() => rmSync(home, { recursive: true }));

function withDumps(body: (scene: Scene) => Promise<void>): Promise<void> {
  return withTempDir((scratch) =>
    body({ planter, dumps, scratch, options: { cwd: scratch, env: { TMPDIR: scratch } } }),
  );
}

/** The largest dump, after enough other bytes that standard input is spooled to disk. */
function largeInput(dumps: string): Buffer {
  const [name] = readdirSync(dumps);
  return Buffer.concat([readFileSync(join(dumps, name!)), Buffer.alloc(LARGE * MIB)]);
}

test('the byte search for leaks finds a planted leak', () => {
  const planter = new Planter();
  const token = planter.github('token');
  const { key, pem } = planter.pem('key');
  const scalar = Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url');
  expect(leaks(planter.planted, `x ${token.slice(8, 20)} ${pem}`)).toEqual(['token', 'key']);
  expect(leaks(planter.planted, Buffer.from(`"user:${token}"`).toString('base64'))).toEqual(['token']);
  expect(leaks(planter.planted, Buffer.from(token, 'utf16le').toString('latin1'))).toEqual(['token']);
  expect(leaks(planter.planted, scalar.toString('hex'))).toEqual(['key']);
  expect(leaks(planter.planted, `${token.slice(0, 8)}…${token.slice(-4)}`)).toEqual([]);
});

describe('no secret of a dump', () => {
  test.each([
    ['pretty', []],
    ['json', ['--debug']],
  ])(
    'is in %s on standard output, in a report of any format, or in what %j prints',
    async (format, flags) => {
      await withDumps(async ({ planter, dumps, scratch, options }) => {
        const result = await runCli(['scan', '--format', format, ...flags, ...OUTPUTS, dumps], options);
        expect(readdirSync(scratch).sort()).toEqual(REPORTS);
        for (const each of FORMATS) validateText(each, readFileSync(join(scratch, `report.${each}`), 'utf8'));
        expect(leaks(planter.planted, traces(result, scratch))).toEqual([]);
        expect(result.status).toBe(1);
      });
    },
  );

  test('is missing among the findings', async () => {
    await withDumps(async ({ dumps, options }) => {
      const { report } = await scanJson([dumps], options);
      // Two tokens and a key on the heap; one each in argv, the environment, a variable's name and a path.
      const counted = report.findings.filter((finding) => finding.counts);
      expect(counted.filter((finding) => finding.kind === 'private-key')).toHaveLength(DUMPS);
      expect(counted.filter((finding) => finding.kind === 'token').length).toBeGreaterThanOrEqual(DUMPS * 6);
    });
  });

  test('is in a named file while standard input is spooled', async () => {
    await withDumps(async ({ planter, dumps, scratch, options }) => {
      const run = startCli(['scan', '--format', 'json', '--spool-dir', scratch, '-'], {
        ...options,
        input: largeInput(dumps),
      });
      let done = false;
      const finished = run.result.finally(() => {
        done = true;
      });
      const names = new Set<string>();
      while (!done) {
        for (const name of readdirSync(scratch)) names.add(name);
        await sleep(2);
      }
      const result = await finished;
      expect([...names]).toEqual([]);
      expect(leaks(planter.planted, traces(result, scratch))).toEqual([]);
      expect(result.status).toBe(1);
    });
  });

  test('is left behind by SIGINT', async () => {
    await withDumps(async ({ planter, dumps, scratch, options }) => {
      const input = new PassThrough();
      const args = ['scan', '--format', 'json', '--debug', ...OUTPUTS, '--spool-dir', scratch, dumps, '-'];
      const run = startCli(args, { ...options, input });
      input.write(largeInput(dumps)); // without an end: the run waits for more
      await hasReadInput(run);
      run.child.kill('SIGINT');
      const result = await run.result;
      input.destroy();
      expect(result.status).toBe(130);
      expect(readdirSync(scratch).sort()).toEqual(REPORTS);
      for (const format of FORMATS)
        validateText(format, readFileSync(join(scratch, `report.${format}`), 'utf8'));
      expect(leaks(planter.planted, traces(result, scratch))).toEqual([]);
      expect(JSON.parse(result.stdout)).toMatchObject({ complete: false });
    });
  });

  test.each(
    defects.flatMap(
      ({ name, code }) =>
        [
          [`${name}`, code, []],
          [`${name}, with --debug`, code, ['--debug']],
        ] as const,
    ),
  )('is in the output of a crash: %s', async (_, code, flags) => {
    await withDumps(async ({ planter, dumps, scratch, options }) => {
      const own = new Planter('errors');
      const preload = writePrivate(home, 'defect.mjs', code);
      const result = await runCli(['scan', ...flags, dumps], {
        ...options,
        env: { ...options.env, PLANTED: own.github('message of an error') },
        nodeFlags: ['--import', pathToFileURL(preload).href],
      });
      expect(leaks([...planter.planted, ...own.planted], traces(result, scratch))).toEqual([]);
      expect(result.status).toBe(3);
      expect(result.stderr).not.toBe('');
    });
  });
});

test('200 secrets are planted, in addition to those of wrong calls', () => {
  expect(planter.planted).toHaveLength(200);
});
