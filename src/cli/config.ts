import { lstatSync, readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { DumpsieveError, reasonOf } from '../core/base/runtime/errors.js';
import { firstMistakes } from '../core/base/text/mistakes.js';
import type { OptionType } from '../core/options/option-types.js';
import type { OptionRow } from '../core/options/table.js';
import { keyOf, optionOf } from './flags.js';

/** Searched for in the working directory and every folder above it. */
export const CONFIG_NAME = '.dumpsieve.yaml';

type Values = Record<string, unknown>;

/**
 * Sets every option that the command line leaves open to its value in the configuration file, if there is
 * one, and returns the file's path. Throws (exit 3) for a file that cannot be read, or with a key or value of
 * no flag.
 */
export async function configure(command: Command, table: readonly OptionRow[]): Promise<string | undefined> {
  const { config: chosen } = command.opts<{ config?: string | false }>();
  if (chosen === false) return undefined;
  const file = chosen ?? findConfig();
  if (file === undefined) return undefined;
  const values = await readConfig(file, table);
  const isOpen = (name: string): boolean =>
    ['default', undefined].includes(command.getOptionValueSource(name));
  const closed = new Set(
    table
      .flatMap((row) => (row.aliasOf ? [[optionOf(row).attributeName(), row.aliasOf]] : []))
      .filter((names) => !names.every(isOpen))
      .flat(),
  );
  for (const option of command.options) {
    const value = values[keyOf(option)];
    const name = option.attributeName();
    if (isOpen(name) && !closed.has(name) && value !== undefined)
      command.setOptionValueWithSource(name, value, 'config');
  }
  return file;
}

/**
 * Costs one lstat a folder, up to the root. A dangling link is an error, not a missing file: its settings
 * would silently be lost.
 */
export function findConfig(from: string = process.cwd()): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, CONFIG_NAME);
    const stats = statOf(file, lstatSync);
    if (stats !== undefined) {
      refuseForeign(file, stats);
      if (stats.isSymbolicLink()) refuseForeign(file, targetOf(file));
      return file;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function targetOf(file: string): Stats {
  const target = statOf(file);
  if (target !== undefined) return target;
  throw unreadable(
    file,
    { code: 'a link that leads to nothing' },
    'mend or remove the link, or say --no-config',
  );
}

function statOf(file: string, stat = statSync): Stats | undefined {
  try {
    return stat(file, { throwIfNoEntry: false });
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** POSIX mode bit of a folder that other users may write into, such as /tmp. */
const OTHERS_WRITE = 0o002;

/** Another user's file in /tmp must not decide what a gate lets through. */
function refuseForeign(file: string, { uid }: Stats): void {
  if (uid === (process.getuid?.() ?? uid)) return;
  if (((statOf(dirname(file))?.mode ?? 0) & OTHERS_WRITE) === 0) return;
  throw new DumpsieveError({
    code: 'config-foreign',
    message: `${file} belongs to another user, in a folder that everybody may write into`,
    hint: 'say --no-config, or --config FILE if it is meant',
  });
}

/** The values by key, checked, with absolute paths. Loads yaml and zod. */
async function readConfig(file: string, table: readonly OptionRow[]): Promise<Values> {
  const content = readText(file);
  const [{ parseYaml, unknownName }, { configKeys, configShape }] = await Promise.all([
    import('../core/base/text/yaml.js'),
    import('./config-schema.js'),
  ]);
  const yaml = parseYaml(file, content);
  if ('problems' in yaml) throw badConfig(yaml.problems);
  const keys = configKeys(table);
  // An empty file, or one with only comments, sets nothing.
  const result = configShape(table).safeParse(yaml.value ?? {});
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => {
      if (issue.code === 'unrecognized_keys')
        return issue.keys.map(
          (key) => `${file}:${yaml.lineOf([key])}: ${unknownName('key', key, [...keys.keys()])}`,
        );
      const [key] = issue.path;
      const name = key === undefined ? '' : `key "${String(key)}" `;
      return `${file}:${yaml.lineOf(issue.path)}: ${name}${issue.message}`;
    });
    throw badConfig(problems);
  }
  const folder = dirname(resolve(file));
  const values = Object.entries(result.data).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    values.map(([name, value]) => [name, READERS[keys.get(name)!.type](value, folder)]),
  );
}

type Reader = (value: unknown, folder: string) => unknown;

const asIs: Reader = (value) => value;
const many: Reader = (value) => [value].flat();
const path: Reader = (value, folder) => resolve(folder, String(value));
/** A --find target may be a file or a digest; a digest is no path. */
const pathOrDigest: Reader = (value, folder) =>
  /^sha256:/i.test(String(value)) ? value : path(value, folder);
const each =
  (read: Reader): Reader =>
  (value, folder) =>
    [value].flat().map((one) => read(one, folder));

/** From a value of the file to the value that the command line would have given. */
const READERS: Record<OptionType, Reader> = {
  switch: asIs,
  choice: asIs,
  choices: many,
  text: asIs,
  names: many,
  path,
  paths: each(pathOrDigest),
  outputs: each((value, folder) => {
    const [format, ...file] = String(value).split('=');
    return `${format}=${resolve(folder, file.join('='))}`;
  }),
  globs: many,
  count: asIs,
  byte: asIs,
  seconds: asIs,
};

function readText(file: string): string {
  // Reading a FIFO would block until a writer opens it.
  if (statOf(file)?.isFile() === false) throw unreadable(file, { code: 'not a regular file' });
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(
  file: string,
  error: unknown,
  hint = 'check --config, or say --no-config',
): DumpsieveError {
  return new DumpsieveError(
    {
      code: 'config-unreadable',
      message: `the configuration ${file} cannot be read (${reasonOf(error)})`,
      hint,
    },
    3,
    error,
  );
}

function badConfig(problems: readonly string[]): DumpsieveError {
  const lines = firstMistakes(problems);
  return new DumpsieveError({
    code: 'bad-config',
    message: lines.join('\n'),
    lines,
    hint:
      'every flag of dumpsieve scan is a key, without its dashes; ' +
      'dist/schema/config.schema.json checks them in an editor',
  });
}
