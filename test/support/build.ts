import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/base/runtime/assets.js';

/** One step of `npm run build` after the compiler: its outputs and its inputs. */
interface Step {
  output: string;
  inputs: string[];
  command: string[];
  /** The step only makes the program start faster: unit tests skip it. */
  optional?: true;
}

const node = (script: string): string[] => [process.execPath, fileURLToPath(asset(script))];

const STEPS: readonly Step[] = [
  {
    output: 'dist/rules.json',
    inputs: ['rules', 'dist/src/rules', 'dist/src/build/bundle-rules.js'],
    command: node('dist/src/build/bundle-rules.js'),
  },
  {
    output: 'dist/rules.net',
    inputs: [
      'dist/rules.json',
      'src/sweep/bigrams.bin',
      'dist/src/sweep',
      'dist/src/rulebook',
      'dist/src/rules',
      'dist/src/detect',
      'dist/src/build/write-net.js',
    ],
    command: node('dist/src/build/write-net.js'),
  },
  {
    output: 'dist/schema/report.schema.json',
    inputs: [
      'dist/src/report',
      'dist/src/redact/manifest',
      'dist/src/model',
      'dist/src/build/write-schema.js',
    ],
    command: node('dist/src/build/write-schema.js'),
  },
  {
    output: 'dist/man/dumpsieve.1',
    inputs: ['dist/src/cli', 'dist/src/options', 'dist/src/build/write-manual.js'],
    command: node('dist/src/build/write-manual.js'),
  },
  {
    output: 'dist/bundle/main.cjs',
    inputs: ['dist/src', 'rolldown.config.js'],
    command: [...node('node_modules/rolldown/bin/cli.mjs'), '-c'],
  },
  {
    output: 'dist/bundle/compiled',
    inputs: ['dist/bundle/main.cjs', 'dist/rules.net'],
    command: node('dist/src/build/write-code-cache.js'),
    optional: true,
  },
  {
    output: 'fixtures/dumps/signer.core',
    inputs: ['dist/fixtures'],
    command: node('dist/fixtures/build.js'),
  },
];

/** Time of the last change, in milliseconds; for a folder that of its newest file. */
function changed(path: string): number {
  const stats = statSync(asset(path), { throwIfNoEntry: false });
  if (stats === undefined) return Number.NEGATIVE_INFINITY;
  if (!stats.isDirectory()) return stats.mtimeMs;
  const names = readdirSync(asset(path), { recursive: true, encoding: 'utf8' });
  return Math.max(stats.mtimeMs, ...names.map((name) => statSync(asset(`${path}/${name}`)).mtimeMs));
}

/** Rebuilds what is older than its inputs. `quick`: without optional steps. False if a step fails. */
export function buildStale({ quick }: { quick: boolean }): boolean {
  for (const { output, inputs, command, optional } of STEPS) {
    if (quick && optional) continue;
    const built = changed(output);
    if (inputs.every((input) => changed(input) <= built)) continue;
    const [program = '', ...args] = command;
    const cwd = fileURLToPath(asset('.'));
    if (spawnSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) return false;
  }
  return true;
}
