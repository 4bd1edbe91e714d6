import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Example } from './corpus.js';

/** Each text as a plain file of its own, since scanners of files report lines of files. */
function writeTexts(examples: readonly Example[], folder: string): Map<string, string> {
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, string>();
  for (const { text } of examples)
    if (!files.has(text)) {
      const path = join(folder, `${files.size}.txt`);
      writeFileSync(path, `${text}\n`);
      files.set(text, path);
    }
  return files;
}

/** True if a reported text and the secret are the same, or one holds the other. */
const meets = (secret: string, reported: string): boolean =>
  reported !== '' && (reported.includes(secret) || secret.includes(reported));

type Reported = Map<string, string[]>;

function gitleaks(folder: string): Reported {
  const path = join(folder, '..', `${basename(folder)}.gitleaks.json`);
  const args = ['detect', '--no-git', '--no-banner', '-l', 'error', '-s', folder, '-r', path];
  const { error } = spawnSync('gitleaks', [...args, '--exit-code', '0'], { encoding: 'utf8' });
  if (error) throw error;
  const reported: Reported = new Map();
  const rows: { File: string; Secret: string; Match: string }[] = JSON.parse(readFileSync(path, 'utf8'));
  for (const { File, Secret, Match } of rows) {
    const name = basename(File);
    reported.set(name, [...(reported.get(name) ?? []), Secret || Match]);
  }
  return reported;
}

/** secretlint, installed in a folder of its own with its recommended preset. */
function secretlint(folder: string, installed: string): Reported {
  const config = join(installed, 'secretlintrc.json');
  writeFileSync(config, '{"rules":[{"id":"@secretlint/secretlint-rule-preset-recommend"}]}');
  const program = join(installed, 'node_modules', '.bin', 'secretlint');
  const args = ['--secretlintrc', config, '--format', 'json', '--no-color', join(folder, '*.txt')];
  const options = { encoding: 'utf8', cwd: installed, maxBuffer: 2 ** 30 } as const;
  const { stdout, stderr } = spawnSync(program, args, options);
  if (stdout === '') throw new Error(`secretlint: ${stderr}`);
  const reported: Reported = new Map();
  const rows: { filePath: string; messages: { range: [number, number] }[] }[] = JSON.parse(stdout);
  for (const { filePath, messages } of rows) {
    const text = readFileSync(filePath, 'utf8');
    const found = messages.map(({ range }) => text.slice(...range));
    reported.set(basename(filePath), found);
  }
  return reported;
}

/** For each peer and example, whether it was found; a peer that is not installed is left out. */
export function runPeers(
  examples: readonly Example[],
  folder: string,
  installed: string,
): Record<string, boolean[]> {
  const files = writeTexts(examples, resolve(folder));
  const found = (reported: Reported): boolean[] =>
    examples.map(({ text, start, end }) =>
      (reported.get(basename(files.get(text)!)) ?? []).some((each) => meets(text.slice(start, end), each)),
    );
  const results: Record<string, boolean[]> = {};
  if (spawnSync('gitleaks', ['version']).error === undefined)
    results.gitleaks = found(gitleaks(resolve(folder)));
  if (existsSync(join(installed, 'node_modules')))
    results.secretlint = found(secretlint(resolve(folder), installed));
  return results;
}
