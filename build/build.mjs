import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { underLock } from './lock.mjs';
import { BUNDLE, HELD, PROGRAM, PURPOSES, pathOf, STEPS } from './steps.mjs';

/**
 * `node build/build.mjs PURPOSE [--all]`: the build, for `package` (everything), `program` (what a scan
 * needs), `first-run` (the same, with a word why), `fast-tests`, `tests`, `executable` (the package in one
 * file) or `prepare` (npm's script of that name). It runs the steps that are older than what they are made
 * of; with --all, each. Progress and errors go to standard error.
 */

const [, , purpose = 'package', all] = process.argv;
// Steps are imported, and have arguments of their own.
process.argv.length = 2;

/** npx runs `prepare` too, but shows nothing of it: the program builds itself then, and says so. */
const PREPARED = { exec: undefined, ci: 'program', 'install-ci-test': 'program' };
/** Stamps of steps that have ended: times at which they began. */
const STAMPS = 'dist/.steps';

const say = (text) => process.stderr.write(text);
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Time of the last change, in milliseconds; for a folder that of its newest file. */
function changed(path) {
  const stats = statSync(pathOf(path), { throwIfNoEntry: false });
  if (stats === undefined) return Number.NEGATIVE_INFINITY;
  if (!stats.isDirectory()) return stats.mtimeMs;
  const names = readdirSync(pathOf(path), { recursive: true, encoding: 'utf8' });
  return Math.max(stats.mtimeMs, ...names.map((name) => statSync(pathOf(`${path}/${name}`)).mtimeMs));
}

function isStale(name) {
  const { makes, of } = STEPS[name];
  const began = changed(`${STAMPS}/${name}`);
  return makes.some((path) => !existsSync(pathOf(path))) || of.some((path) => changed(path) > began);
}

/** Runs a step; a stamp says that what it makes is whole. */
async function perform(name) {
  const stamp = pathOf(`${STAMPS}/${name}`);
  const began = new Date();
  rmSync(stamp, { force: true });
  try {
    const made = await STEPS[name].run();
    writeFileSync(stamp, '');
    utimesSync(stamp, began, began);
    return made;
  } catch (error) {
    error.step = STEPS[name].title;
    throw error;
  }
}

/** The same, in view. */
async function show(name, work = () => perform(name), since = performance.now()) {
  say(`  ${STEPS[name].title} …`);
  const made = await work();
  say(` ${seconds(since)}${made ? ` (${made})` : ''}\n`);
}

/** The steps of the program. It is put away first, and back when all that it needs is whole. */
async function buildProgram(stale) {
  const withBundle = stale('bundle');
  rmSync(pathOf(HELD), { recursive: true, force: true });
  if (existsSync(pathOf(BUNDLE))) renameSync(pathOf(BUNDLE), pathOf(HELD));
  for (const name of PROGRAM) if (name === 'bundle' ? withBundle : stale(name)) await show(name);
  renameSync(pathOf(HELD), pathOf(BUNDLE));
}

async function buildRest(names, stale) {
  if (PROGRAM.some(stale)) await buildProgram(stale);
  for (const name of names) if (name !== 'types' && !PROGRAM.includes(name) && stale(name)) await show(name);
}

async function build(names) {
  const stale = (name) => all === '--all' || isStale(name);
  if (!names.some(stale)) return;
  const since = performance.now();
  const isFirst = purpose === 'first-run';
  if (isFirst)
    say('dumpsieve: not built yet in this checkout. What a scan needs is built now, once, in about 7 s:\n');
  mkdirSync(pathOf(STAMPS), { recursive: true });
  // The compiler runs beside the other steps.
  const types = names.includes('types') && stale('types') ? perform('types') : undefined;
  await Promise.all([types, buildRest(names, stale).then(() => types && show('types', () => types, since))]);
  if (isFirst) say(`dumpsieve: built in ${seconds(since)}\n`);
}

/** Errors of the system by which a folder cannot be written. */
const NOT_WRITTEN = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'];

/** Code, message and hint of what went wrong. */
function explain(error) {
  const root = pathOf('.');
  const { code, message = '', step } = error;
  if (NOT_WRITTEN.includes(code))
    return [
      'not-built',
      `the program is not built, and the checkout cannot be written to (${code})`,
      `run \`npm run build\` in ${root} once, as a user who may write there, with room on its disk`,
    ];
  if (
    ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(code) ||
    /Cannot find native binding/.test(message)
  )
    return [
      'not-built',
      'the program is not built, and packages that build it are not installed',
      `run \`npm ci --include=dev\` in ${root}`,
    ];
  return [
    'build-failed',
    `the program cannot be built: ${step ?? 'start'}: ${message}`,
    `run \`npm ci --include=dev && npm run build\` in ${root}`,
  ];
}

async function main() {
  const chosen = purpose === 'prepare' ? prepared() : purpose === 'first-run' ? 'program' : purpose;
  if (chosen === undefined) return;
  mkdirSync(pathOf('dist'), { recursive: true });
  const whileHeld = (pid) => say(`dumpsieve: process ${pid} is building the program: waiting for it\n`);
  await underLock(pathOf('dist'), whileHeld, () => build(PURPOSES[chosen]));
}

function prepared() {
  const { npm_command: command } = process.env;
  return command in PREPARED ? PREPARED[command] : 'package';
}

try {
  await main();
} catch (error) {
  const [code, message, hint] = explain(error);
  say(`\ndumpsieve: ${code}: ${message}\n  hint: ${hint}\n`);
  process.exitCode = 3;
}
