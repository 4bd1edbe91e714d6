import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { p256Key, pkcs8Pem } from '../../fixtures/keys.js';
import { encodeProcess } from '../../fixtures/process.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken, npmToken, signedJwt } from '../../fixtures/tokens.js';
import {
  type CliOptions,
  type CliResult,
  hasReadInput,
  runCalls,
  runCli,
  scanJson,
  startCli,
} from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { leaks, type Planted, plantedKey, plantedToken } from '../support/planted.js';
import { writePrivate } from '../support/secrets.js';

/** 16 dumps of 10 secrets, 20 in rule files and 20 in errors: 200, and none may be seen again. */
const DUMPS = 16;

/** Text of 15 characters is what a thread's name can hold (TASK_COMM_LEN, prctl(2)). */
const COMM = 15;

class Planter {
  readonly planted: Planted[] = [];
  readonly #random: SeededRandom;

  constructor(seed = 'planted secrets') {
    this.#random = new SeededRandom(seed);
  }

  github(place: string): string {
    const token = githubToken(this.#random);
    this.planted.push(plantedToken(place, token, 'ghp_'));
    return token;
  }

  npm(place: string): string {
    const token = npmToken(this.#random);
    this.planted.push(plantedToken(place, token, 'npm_'));
    return token;
  }

  /** What a thread's name keeps of a token. */
  comm(place: string): string {
    const cut = githubToken(this.#random).slice(0, COMM);
    this.planted.push(plantedToken(place, cut, 'ghp_'));
    return cut;
  }

  pem(place: string) {
    const key = p256Key(this.#random);
    this.planted.push(plantedKey(place, key));
    return { key, pem: pkcs8Pem(key) };
  }

  bytes(length: number): Buffer {
    return this.#random.bytes(length);
  }

  /** A dump with a secret wherever a report might repeat what the dump says. */
  dump(folder: string, index: number): void {
    const at = (place: string) => `dump ${index}, ${place}`;
    const { key, pem } = this.pem(at('PEM on the heap'));
    const jwt = signedJwt(key, { iss: `https://x:${this.github(at('claim of a JWT'))}@git.example`, iat: 1 });
    const bytes = encodeProcess(
      {
        pid: 1000 + index,
        name: this.comm(at('thread name')),
        argv: ['/bin/run', `--token=${this.github(at('command line'))}`],
        env: { NPM_TOKEN: this.npm(at('environment')), [this.github(at('name of a variable'))]: '1' },
        executable: '/bin/run',
        modules: [`/srv/${this.github(at('module path'))}/lib.so`],
        heap: [
          Buffer.from(pem),
          Buffer.from(this.github(at('heap'))),
          Buffer.from(this.npm(at('UTF-16 on the heap')), 'utf16le'),
          Buffer.from(jwt),
        ],
      },
      new SeededRandom(`dump ${index}`),
    );
    writeFileSync(join(folder, `core.${this.github(at('file name'))}.${index}`), bytes);
  }
}

/** One rule with `field` set to what the caller gives, in YAML's flow style; the rest is right. */
function rule(field: string, value: string): string {
  const fields: Record<string, string> = {
    id: 'planted',
    name: 'Planted',
    kind: 'token',
    severity: 'high',
    signing: 'false',
    impact: 'none',
    rotate: 'no need',
    anchors: '[planted]',
    pattern: "'(?P<secret>planted[a-z]{8})'",
    [field]: value,
  };
  return `- {${Object.entries(fields)
    .map(([name, text]) => `${name}: ${text}`)
    .join(', ')}}\n`;
}

/** Rule files that are wrong, each with a secret in the wrong place. */
const wrongRules: [string, (secret: string) => string][] = [
  ['id', (s) => rule('id', s)],
  ['kind', (s) => rule('kind', s)],
  ['severity', (s) => rule('severity', s)],
  ['signing', (s) => rule('signing', s)],
  ['detector', (s) => rule('detector', s)],
  ['pattern', (s) => rule('pattern', `'(?P<secret>${s}'`)],
  ['pattern without a secret group', (s) => rule('pattern', `'${s}'`)],
  ['checks', (s) => rule('checks', `[${s}]`)],
  ['encodings', (s) => rule('encodings', `[${s}]`)],
  ['boundary', (s) => rule('boundary', s)],
  ['window', (s) => rule('window', s)],
  ['near', (s) => rule('near', s)],
  ['entropy', (s) => rule('entropy', s)],
  ['caseless', (s) => rule('caseless', s)],
  ['references', (s) => rule('references', s)],
  ['hex anchor', (s) => rule('anchors', `[{hex: ${s}}]`)],
  ['unknown field', (s) => rule(s, 'true')],
  ['syntax of YAML', (s) => `- id: "${s}\n  name: [`],
  ['not a list', (s) => `${s}\n`],
  ['example that does not match', (s) => rule('examples', `[[${s}]]`)],
];

/** Calls that are wrong, each with a secret where the mistake is. */
const wrongCalls: ((secret: string) => string[])[] = [
  (s) => ['scan', `/missing/${s}`],
  (s) => ['scan', '--if-no-files', 'error', `/missing/*${s}*`],
  (s) => ['scan', '--format', s, '.'],
  (s) => ['scan', '--fail-on', s, '.'],
  (s) => ['scan', '--fail-on-kind', s, '.'],
  (s) => ['scan', '--min-confidence', s, '.'],
  (s) => ['scan', '--if-no-files', s, '.'],
  (s) => ['scan', '--jobs', s, '.'],
  (s) => ['scan', '--only', s, '.'],
  (s) => ['scan', '--skip', s, '.'],
  (s) => ['scan', '--rules', `/missing/${s}`, '.'],
  (s) => ['scan', '--output', s, '.'],
  (s) => ['scan', '--output', `${s}=out`, '.'],
  (s) => ['scan', '--output', `json=/missing/${s}/out`, '.'],
  (s) => ['scan', '--spool-dir', `/missing/${s}`, '-'],
  (s) => ['scan', `--${s}`, '.'],
  (s) => ['scan', `--format=${s}`, '.'],
  (s) => [s],
  (s) => ['rules', s],
  (s) => ['rules', 'show', s],
];

/** A module that runs `code` when the scan opens its first dump. */
const onceOpened = (code: string): string => `
  import fs from 'node:fs';
  const { open } = fs;
  fs.open = (...args) => {
    if (String(args[0]).includes('/dumps/')) { ${code} }
    return open(...args);
  };`;

/** Defects that do their worst: errors that quote the bytes at hand, thrown where nobody expects them. */
const defects = [
  {
    name: 'an error in the middle of the scan',
    code: `
      import crypto from 'node:crypto';
      import { syncBuiltinESMExports } from 'node:module';
      crypto.createHash = () => ({ update(bytes) { throw new Error('cannot hash\\n' + Buffer.from(bytes)); } });
      syncBuiltinESMExports();`,
  },
  {
    name: 'an exception outside any call',
    code: onceOpened("setImmediate(() => { throw new Error('near\\n' + process.env.PLANTED); });"),
  },
  {
    name: 'a rejection that nobody awaits',
    code: onceOpened("Promise.reject(new Error('near\\n' + process.env.PLANTED));"),
  },
];

const FORMATS = ['pretty', 'json', 'ndjson'];
const [LARGE, MIB] = [80, 1 << 20];

/** Every text of a run: what it printed, and every file that it left in `folders`, names included. */
function traces(result: CliResult, ...folders: string[]): string {
  const files = folders.filter(existsSync).flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
      try {
        return [name, readFileSync(join(folder, name), 'latin1')];
      } catch {
        return [name]; // a folder, or gone again
      }
    }),
  );
  return [result.stdout, result.stderr, ...files].join('\n\n');
}

interface Scene {
  planter: Planter;
  /** Holds the dumps. */
  dumps: string;
  /** Temporary files, spool and reports of the run. */
  scratch: string;
  options: CliOptions;
}

/** Made once: no run writes to what it scans. */
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

/** The largest dump of the scene, behind so much else that standard input is spooled to disk. */
function largeInput(dumps: string): Buffer {
  const [name] = readdirSync(dumps);
  return Buffer.concat([readFileSync(join(dumps, name!)), Buffer.alloc(LARGE * MIB)]);
}

test('the byte search for leaks sees what it looks for', () => {
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
  test.each(
    FORMATS.flatMap((format) => [[format], [format, '--debug']]).map(
      (flags) => [flags.join(' '), flags] as const,
    ),
  )('stands in %s', async (_, flags) => {
    await withDumps(async ({ planter, dumps, scratch, options }) => {
      const result = await runCli(['scan', '--format', ...flags, dumps], options);
      expect(leaks(planter.planted, traces(result, scratch))).toEqual([]);
      expect(result.status).toBe(1);
    });
  });

  test('stands in a report that is written to a file, and all of them are found', async () => {
    await withDumps(async ({ planter, dumps, scratch, options }) => {
      const outputs = FORMATS.flatMap((format) => ['--output', `${format}=report.${format}`]);
      const { report, ...result } = await scanJson([...outputs, dumps], options);
      expect(readdirSync(scratch).sort()).toEqual(FORMATS.map((format) => `report.${format}`).sort());
      expect(leaks(planter.planted, traces(result, scratch))).toEqual([]);
      // Two tokens and a key on the heap, one in argv, one in the environment, one as a variable's name, one in a path.
      const counted = report.findings.filter((finding) => finding.counts);
      expect(counted.filter((finding) => finding.kind === 'private-key')).toHaveLength(DUMPS);
      expect(counted.filter((finding) => finding.kind === 'token').length).toBeGreaterThanOrEqual(DUMPS * 6);
    });
  });

  test('stands in a file with a name while standard input is spooled', async () => {
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
      const args = ['scan', '--format', 'json', '--debug', '--spool-dir', scratch, dumps, '-'];
      const run = startCli(args, { ...options, input });
      input.write(largeInput(dumps)); // and no end: the run waits for more
      await hasReadInput(run);
      run.child.kill('SIGINT');
      const result = await run.result;
      input.destroy();
      expect(result.status).toBe(130);
      expect(readdirSync(scratch)).toEqual([]);
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
  )('stands in what a crash prints: %s', async (_, code, flags) => {
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

describe('no secret of a rule file', () => {
  const folders = wrongRules.map((_, i) => join(home, `rules ${i}`));
  const token = new Planter();
  const secret = token.github('a rule file');
  let results: CliResult[];

  beforeAll(async () => {
    for (const [i, folder] of folders.entries()) {
      mkdirSync(folder);
      writeFileSync(join(folder, 'planted.yaml'), wrongRules[i]![1](secret));
    }
    results = await runCalls(
      folders.flatMap((folder) => [
        ['rules', 'check', '--rules', folder],
        ['scan', '--debug', '--rules', folder, folder],
      ]),
    );
  });

  test.each(wrongRules.map(([place], i) => [place, i] as const))(
    'stands in the message about its %s',
    (_, i) => {
      const [check, scan] = results.slice(2 * i, 2 * i + 2) as [CliResult, CliResult];
      for (const result of [check, scan]) expect(leaks(token.planted, traces(result))).toEqual([]);
      expect(check.status).toBe(3);
      expect(traces(check)).toContain('planted.yaml'); // the message stays of use
      expect(scan.status).not.toBeNull();
    },
  );
});

describe('no secret of a wrong call', () => {
  const token = new Planter();
  const secret = token.github('a call');
  let results: CliResult[];

  beforeAll(async () => {
    results = await runCalls(wrongCalls.map((call) => call(secret)));
  });

  test.each(wrongCalls.map((call, i) => [call('SECRET').join(' '), i] as const))(
    'stands in its message: %s',
    (_, i) => {
      const result = results[i]!;
      expect(leaks(token.planted, traces(result))).toEqual([]);
      expect(result.status).toBeGreaterThanOrEqual(2);
      expect(traces(result)).toMatch(/\S/);
    },
  );
});

test('200 secrets are planted', async () => {
  await withDumps(async ({ planter }) => {
    expect(planter.planted.length + wrongRules.length + wrongCalls.length).toBe(200);
  });
});
