import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundles, fleetBundle } from './bundles.mjs';

/** Root folder of the checkout. */
const ROOT = new URL('../', import.meta.url);

export const pathOf = (path) => fileURLToPath(new URL(path, ROOT));

/** The program, which starts if this is there. */
export const BUNDLE = 'dist/bundle';
/** Where it is while anything that it needs is built. */
export const HELD = 'dist/.bundle';
const NEW = 'dist/.new';
const EXECUTABLE = 'dist/dumpsieve';

/** Runs a program of this package in a process of its own. */
async function run(script, ...args) {
  const child = spawn(process.execPath, [pathOf(script), ...args], {
    cwd: pathOf('.'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = [];
  child.stdout.on('data', (data) => output.push(data));
  child.stderr.on('data', (data) => output.push(data));
  const [status, signal] = await once(child, 'close');
  if (status !== 0)
    throw new Error(Buffer.concat(output).toString().trim() || `ended by ${signal ?? status}`);
}

/** Runs a build step that is TypeScript; what it exports as `made` says what it made. */
const script = (name) => async () => (await import(new URL(`dist/steps/${name}.js`, ROOT).href)).made;

/** Bundles beside their places: what is there is always whole. */
async function bundle() {
  const { build } = await import('rolldown');
  rmSync(pathOf(NEW), { recursive: true, force: true });
  mkdirSync(pathOf(NEW), { recursive: true });
  await build(bundles(NEW).map((options) => ({ ...options, cwd: pathOf('.') })));
  for (const [made, place] of [
    [`${NEW}/steps`, 'dist/steps'],
    [`${NEW}/threads`, 'dist/threads'],
    [`${NEW}/bundle`, HELD],
  ]) {
    rmSync(pathOf(place), { recursive: true, force: true });
    renameSync(pathOf(made), pathOf(place));
  }
  rmSync(pathOf(NEW), { recursive: true });
}

/** The package dumpsieve-fleet in one module, which a checkout loads, too. */
async function fleet() {
  const { build } = await import('rolldown');
  await build({ ...fleetBundle, cwd: pathOf('.') });
}

/** The script and style of HTML reports, with their digests. */
async function page() {
  const { build } = await import('rolldown');
  const { writePage } = await import('./write-page.mjs');
  await writePage(build, pathOf('.'), 'dist/html-page.json');
}

const typescript = (folder) =>
  readdirSync(pathOf(folder), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map(({ name }) => `${folder}/${name}`);

/** A test's packages, too: those that are bundled are as they were installed. */
const INSTALLED = 'node_modules/.package-lock.json';

/**
 * Steps of the build, in order. `makes` is what must be there afterwards, `of` what it is older than when the
 * step has to run again (files and folders, from the root).
 */
export const STEPS = {
  types: {
    title: 'types and tests',
    makes: ['dist/src/index.d.ts'],
    of: [
      'src',
      'fleet/src',
      'fleet/verbs',
      'build',
      ...typescript('fixtures'),
      'test',
      'bench',
      'tsconfig.json',
      INSTALLED,
    ],
    run: async () => {
      await run('node_modules/typescript/bin/tsc', '-p', '.');
      await run('node_modules/typescript/bin/tsc', '-p', 'src/report/html-page');
    },
  },
  bundle: {
    title: 'program',
    makes: ['dist/steps', 'dist/threads', BUNDLE],
    of: ['src', 'fleet/verbs', ...typescript('fixtures'), INSTALLED],
    run: bundle,
  },
  fleet: {
    title: 'fleet',
    makes: ['fleet/dist/index.js'],
    of: ['fleet/src', 'src/core/base', 'src/core/model', INSTALLED],
    run: fleet,
  },
  rules: {
    title: 'rules',
    makes: ['dist/rules.json', 'dist/rule-texts.json', 'dist/schema/rules.schema.json'],
    of: ['rules', 'src/rules', 'build/bundle-rules.ts'],
    run: script('bundle-rules'),
  },
  net: {
    title: 'net of the rules',
    makes: ['dist/rules.net'],
    of: [
      ...['dist/rules.json', 'build/write-net.ts'],
      ...['src/sweep', 'src/detect/rulebook', 'src/rules', 'src/detect', 'src/sweep/values'],
    ],
    run: script('write-net'),
  },
  page: {
    title: 'page of the HTML report',
    makes: ['dist/html-page.json'],
    of: ['src/report/html-page', 'src/report/html', 'src/core/base/text', 'build/write-page.mjs'],
    run: page,
  },
  dumps: {
    title: 'sample dumps',
    makes: ['fixtures/dumps/signer.core'],
    of: typescript('fixtures'),
    run: script('write-dumps'),
  },
  schema: {
    title: 'schemas',
    makes: ['report', 'manifest', 'guard'].map((name) => `dist/schema/${name}.schema.json`),
    of: ['src/report', 'src/redact/manifest', 'src/guard', 'src/core/model', 'build/write-schema.ts'],
    run: script('write-schema'),
  },
  manual: {
    title: 'manual page',
    makes: ['dist/man/dumpsieve.1', 'dist/schema/config.schema.json'],
    of: ['src/cli', 'src/core/options', 'build/write-manual.ts', 'package.json'],
    run: script('write-manual'),
  },
  cache: {
    title: 'code cache',
    makes: ['dist/bundle/compiled', 'dist/threads/compiled'],
    of: ['dist/bundle/main.cjs', 'dist/threads/worker.cjs', 'dist/rules.net'],
    run: () => run('dist/steps/write-code-cache.js'),
  },
  executable: {
    title: 'executable',
    makes: [EXECUTABLE, `${EXECUTABLE}.licenses.txt`],
    of: [
      ...['build/executable.mjs', 'build/executable-loader.cjs', 'bin', 'package.json', INSTALLED],
      ...['dist/bundle', 'dist/threads', 'dist/rules.json', 'dist/rules.net'],
    ],
    run: async () => (await import('./executable.mjs')).buildExecutable(pathOf(EXECUTABLE)),
  },
};

/** What a scan needs. Without the code cache, each takes 0.1 s longer. */
export const PROGRAM = ['bundle', 'rules', 'net', 'dumps', 'page'];
const documents = ['schema', 'manual'];

/** Names of the steps for each purpose. */
export const PURPOSES = {
  program: [...PROGRAM, 'fleet'],
  'fast-tests': [...PROGRAM, ...documents],
  tests: [...PROGRAM, 'fleet', ...documents, 'cache'],
  package: ['types', ...PROGRAM, 'fleet', ...documents, 'cache'],
  executable: [...PROGRAM, ...documents, 'cache', 'executable'],
};
