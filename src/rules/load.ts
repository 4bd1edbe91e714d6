import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DumpsieveError, reasonOf } from '../core/base/runtime/errors.js';
import { firstMistakes } from '../core/base/text/mistakes.js';
import { type BundledRule, hydrate } from './hydrate.js';
import type { ParsedFile } from './parse.js';
import type { Rule } from './types.js';

async function ruleFiles(dir: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(dir, { recursive: true });
  } catch (error) {
    throw new DumpsieveError(
      {
        code: 'rules-missing',
        message: `the rule folder ${dir} cannot be read (${reasonOf(error)})`,
        hint: '--rules takes a folder of .yaml files',
      },
      3,
      error,
    );
  }
  const files = names.filter((name) => /\.ya?ml$/i.test(name)).sort();
  if (files.length === 0)
    throw new DumpsieveError({
      code: 'rules-missing',
      message: `the rule folder ${dir} contains no .yaml file`,
      hint: '--rules takes a folder of .yaml files',
    });
  return files;
}

/** Upper bound of a rule file in bytes. */
const MAX_SIZE = 4 * 1024 * 1024;
/** Bytes read at once: a folder may hold 10,000 small files. */
const PIECE = 64 * 1024;
/** With O_NONBLOCK, opening a FIFO does not wait for a writer (POSIX). */
const { O_RDONLY, O_NONBLOCK = 0 } = constants;

const NOT_A_FILE =
  '.yaml files in the folder of --rules must be regular files of at most 4 MiB, or links to such files';

function unreadable(file: string, why: string, cause?: unknown): DumpsieveError {
  return new DumpsieveError(
    {
      code: 'rules-unreadable',
      message: `the rule file ${file} cannot be read (${why})`,
      hint: NOT_A_FILE,
    },
    3,
    cause,
  );
}

/** Reads a rule file. Devices, FIFOs and endless files are refused, also through links. */
async function readRuleFile(file: string): Promise<string> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, O_RDONLY | O_NONBLOCK);
    if (!(await handle.stat()).isFile()) throw unreadable(file, 'it is no regular file');
    const pieces: Buffer[] = [];
    let length = 0;
    for (let count = -1; count !== 0; length += count) {
      if (length > MAX_SIZE) throw unreadable(file, 'it is larger than 4 MiB');
      const piece = Buffer.alloc(PIECE);
      count = (await handle.read(piece, 0, PIECE)).bytesRead;
      pieces.push(piece.subarray(0, count));
    }
    return Buffer.concat(pieces).toString('utf8');
  } catch (error) {
    if (error instanceof DumpsieveError) throw error;
    throw unreadable(file, reasonOf(error), error);
  } finally {
    await handle?.close();
  }
}

/**
 * Validated rules of all .yaml files in `dir` and its folders, in order of file names. Throws one error for
 * the mistakes of all files, the first ones with file, line, rule and field. Loads yaml and zod.
 */
export async function readRuleFiles(dir: string): Promise<BundledRule[]> {
  const { parseRuleFile } = await import('./parse.js');
  const files: ParsedFile[] = [];
  for (const name of await ruleFiles(dir)) {
    const shown = `${basename(dir)}/${name.replaceAll('\\', '/')}`;
    files.push(parseRuleFile(shown, await readRuleFile(join(dir, name))));
  }
  const problems = files.flatMap((file) => file.problems);
  const further = files.reduce((sum, file) => sum + file.further, 0);
  const lines = firstMistakes(problems, further);
  if (problems.length > 0)
    throw new DumpsieveError({
      code: 'bad-rules',
      message: lines.join('\n'),
      lines,
      hint: 'docs/rules.md describes the fields; dist/schema/rules.schema.json checks them in an editor',
    });
  return files.flatMap(({ rules }) => rules);
}

/** The rules of `--rules DIR`. */
export async function loadRuleFiles(dir: string): Promise<Rule[]> {
  return (await readRuleFiles(dir)).map(hydrate);
}
