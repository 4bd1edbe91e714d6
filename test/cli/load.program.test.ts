import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { syntheticMemory } from '../../build/data/synthetic-memory.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { runProgram } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';

/**
 * bin/load.js: the program comes with what was compiled of it when it was built, and starts without that as
 * well.
 */

const PACKAGE = fileURLToPath(asset('.'));
const PARTS = [
  'bin',
  'rules',
  'package.json',
  'dist/bundle',
  'dist/threads',
  'dist/rules.json',
  'dist/rule-texts.json',
  'dist/rules.net',
];
const KERNELS = [
  ...['src/sweep/kernel', 'src/search/kernel', 'src/sweep/runs/kernel'],
  ...['src/sweep/runs/pairs.bin', 'src/sweep/values/characters.bin', 'src/prove/judge/public-roots.txt'],
  ...['src/prove/published-keys.tsv', 'src/prove/published-packages.txt'],
];

/** Scans the file `scanned`, and prints of each part loaded whether the engine accepted its code cache. */
const PROBE = `
const { Program } = require('./bin/load.js');
const program = new Program();
program.load('main.cjs').main(['node', 'dumpsieve', 'scan', '--quiet', 'scanned']).then((status) => {
  const taken = [...program.parts.values()].map(({ script }) => script.cachedDataRejected === false);
  console.log(JSON.stringify({ status, taken }));
});
`;

/** A copy of what ships, in which a test may spoil something. */
const within = (body: (root: string, caches: string[]) => Promise<void>): Promise<void> =>
  withTempDir(async (root) => {
    for (const part of [...PARTS, ...KERNELS]) {
      mkdirSync(join(root, part, '..'), { recursive: true });
      cpSync(join(PACKAGE, part), join(root, part), { recursive: true });
    }
    symlinkSync(join(PACKAGE, 'node_modules'), join(root, 'node_modules'));
    writeFileSync(join(root, 'probe.cjs'), PROBE);
    writeFileSync(join(root, 'scanned'), PROBE);
    const compiled = join(root, 'dist/bundle/compiled');
    const [engine = ''] = readdirSync(compiled);
    const caches = readdirSync(join(compiled, engine)).map((name) => join(compiled, engine, name));
    await body(root, caches);
  });

/** The same for each part that a thread loads, as lines of standard error. */
const THREAD_PROBE = `
const load = Program.prototype.load;
Program.prototype.load = function (name) {
  const loaded = load.call(this, name);
  const { script } = this.parts.get(name);
  if (this.folder.endsWith('threads'))
    require('node:fs').writeSync(2, JSON.stringify({ [name]: script.cachedDataRejected === false }) + '\\n');
  return loaded;
};
`;

interface Probed {
  status: number;
  taken: boolean[];
  threads: Record<string, boolean>;
}

async function probe(root: string): Promise<Probed> {
  const { stdout, stderr } = await runProgram(process.execPath, [join(root, 'probe.cjs')], { cwd: root });
  const threads = stderr.split('\n').filter((line) => line !== '');
  return { ...JSON.parse(stdout), threads: Object.assign({}, ...threads.map((line) => JSON.parse(line))) };
}

describe('what was compiled when the program was built', () => {
  test('is taken, for each part that a scan needs', () =>
    within(async (root, caches) => {
      const { status, taken } = await probe(root);
      expect(status).toBe(0);
      expect(taken).not.toContain(false);
      // All but what searches bare numbers, also over seams, what tries secrets of documentation, and what
      // searches texts for secrets of tokens and sessions.
      expect(taken.length).toBe(caches.length - 5);
    }));

  test('a scan loads no part of hunt, nor of a store', () =>
    within(async (root) => {
      writeFileSync(
        join(root, 'probe.cjs'),
        PROBE.replace('const taken =', 'const parts = [...program.parts.keys()];\n  const taken =').replace(
          '{ status, taken }',
          '{ status, taken, parts }',
        ),
      );
      const { stdout } = await runProgram(process.execPath, [join(root, 'probe.cjs')], { cwd: root });
      const { parts } = JSON.parse(stdout) as { parts: string[] };
      expect(parts).toContain('start.cjs');
      expect(parts.filter((name) => /hunt|fleet/.test(name))).toEqual([]);
      const sources = parts.map((name) => readFileSync(join(root, 'dist/bundle', name), 'utf8'));
      // The start knows the name of hunt and what it is for.
      expect(sources.filter((source) => /--allow-egress|wrong-store|dumpsieve-fleet/.test(source))).toEqual(
        [],
      );
      expect(readFileSync(join(root, 'dist/bundle/verbs.cjs'), 'utf8')).toContain('--allow-egress');
    }));

  test('is taken by threads and by the search for numbers, whatever flags a scan has set', () =>
    within(async (root, caches) => {
      writeFileSync(join(root, 'scanned'), Buffer.concat([syntheticMemory(), Buffer.alloc(64 << 20)]));
      appendFileSync(join(root, 'bin/load.js'), THREAD_PROBE);
      const { status, taken, threads } = await probe(root);
      expect(Object.values(threads)).not.toContain(false);
      // Only if a thread is free before the main one has multiplied all numbers.
      for (const name of ['multiples-job.cjs', 'thread-multiples.cjs']) delete threads[name];
      expect({ status, taken, threads }).toEqual({
        status: 0,
        taken: caches.map(() => true),
        threads: {
          ...{ 'kernel-select.cjs': true, 'rsa-job.cjs': true, 'worker.cjs': true },
          // Shared by jobs.
          ...{
            'direct-reads.cjs': true,
            'errors.cjs': true,
            'extractor.cjs': true,
            'randomness-test.cjs': true,
            'scratch.cjs': true,
            'storage.cjs': true,
            'sweep-task.cjs': true,
            'turns.cjs': true,
            'value-filter.cjs': true,
            'wasm.cjs': true,
            'word-index.cjs': true,
          },
        },
      });
    }));

  // V8 takes what a Node of its own version made, whatever its patches, and does not run the same.
  test('is not even read where another Node made it', () =>
    within(async (root, [cache = '']) => {
      renameSync(dirname(cache), `${dirname(cache)}1`);
      const { status, taken } = await probe(root);
      expect(status).toBe(0);
      expect(taken).not.toContain(true);
    }));

  // Another engine is refused like other flags of V8.
  test('is refused where the engine is another, and the program starts', () =>
    within(async (root, caches) => {
      for (const cache of caches) {
        const bytes = readFileSync(cache);
        bytes.fill(0xa5, 4, 16);
        writeFileSync(cache, bytes);
      }
      const { status, taken } = await probe(root);
      expect(status).toBe(0);
      expect(taken).not.toContain(true);
    }));

  test('is not read where the file of this Node is gone, as after an update', () =>
    within(async (root) => {
      writeFileSync(join(root, 'probe.cjs'), `process.execPath = '/gone/node';\n${PROBE}`);
      const { status, taken } = await probe(root);
      expect(status).toBe(0);
      expect(taken).not.toContain(true);
    }));

  test.each([
    ['is missing', (cache: string) => rmSync(cache)],
    ['is empty', (cache: string) => writeFileSync(cache, '')],
    ['is cut short', (cache: string) => writeFileSync(cache, readFileSync(cache).subarray(0, 24))],
  ])('may fail: it %s', (_what, spoil) =>
    within(async (root, caches) => {
      caches.forEach(spoil);
      const { status, taken } = await probe(root);
      expect(status).toBe(0);
      expect(taken).not.toContain(true);
    }),
  );
});

test('a part is loaded once, and nothing outside of the bundle is one', () => {
  const { Program } = createRequire(import.meta.url)(join(PACKAGE, 'bin/load.js')) as {
    Program: new () => { load(name: string): object; parts: Map<string, unknown> };
  };
  const program = new Program();
  expect(program.load('rolldown-runtime.cjs')).toBe(program.load('rolldown-runtime.cjs'));
  expect(program.parts.size).toBe(1);
  expect(() => program.load('nothing.cjs')).toThrow('cannot read');
});
