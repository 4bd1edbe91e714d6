import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RedactOptions, redact } from '../../../src/api/redact.js';
import { withTempDir } from '../../support/folder.js';

/** What may be in a folder in which a copy is made, at any moment and after any fault. */

const INPUT = 'dump';
const COPY = 'copy';
const SIGNER = 'key.pem';
/** Names in the order in which they are taken. */
const NAMES = ['copy.manifest.json', 'copy.manifest.json.minisig', COPY] as const;
const TEMPORARY = '.dumpsieve-';

type Files = ReadonlyMap<string, Buffer>;

export interface Scene {
  input: Buffer;
  /** Files of an earlier copy that is replaced. */
  before: Files;
  /** Files of the new copy. */
  after: Files;
  options: SceneOptions;
}

const filesIn = (folder: string): Files =>
  new Map(
    NAMES.filter((name) => existsSync(join(folder, name))).map((name) => [
      name,
      readFileSync(join(folder, name)),
    ]),
  );

/** The options of a scene in a folder. */
export const optionsIn = (folder: string, { sign, ...options }: SceneOptions): RedactOptions => ({
  ...{ input: join(folder, INPUT), output: join(folder, COPY), jobs: 1 },
  ...options,
  ...(sign === undefined ? {} : { sign: join(folder, SIGNER) }),
});

/** Options of a scene. `sign`: the key itself. */
type SceneOptions = Partial<RedactOptions>;

/**
 * Makes the copy once without a fault. `sign` is the text of a key. `earlier`: a copy that is there already,
 * and is replaced.
 */
export async function sceneOf(
  input: Buffer,
  options: SceneOptions,
  earlier?: { dump: Buffer; options: SceneOptions },
): Promise<Scene> {
  const before: Files = earlier === undefined ? new Map() : await copied(earlier.dump, earlier.options);
  const after = await copied(input, options);
  return { input, before, after, options: { ...options, force: before.size > 0 } };
}

const copied = (dump: Buffer, options: SceneOptions): Promise<Files> =>
  withTempDir(async (folder) => {
    prepare(folder, { input: dump, before: new Map(), options });
    await redact(optionsIn(folder, options));
    return filesIn(folder);
  });

/** A folder as it is before the copy is made. */
export function prepare(
  folder: string,
  { input, before, options: { sign } }: Pick<Scene, 'input' | 'before' | 'options'>,
): void {
  writeFileSync(join(folder, INPUT), input);
  if (typeof sign === 'string') writeFileSync(join(folder, SIGNER), sign);
  for (const [name, content] of before) writeFileSync(join(folder, name), content);
}

/**
 * What must not be, in words; nothing if all is well. `ended`: no temporary file may be left. Whatever is
 * there under the name of the copy was proven, and has its own manifest unless an older one was there.
 */
export function problemsIn(folder: string, { input, before, after }: Scene, ended: boolean): string[] {
  const problems: string[] = [];
  const same = (name: string, files: Files): boolean => {
    const [there, wanted] = [join(folder, name), files.get(name)];
    return wanted === undefined
      ? !existsSync(there)
      : existsSync(there) && readFileSync(there).equals(wanted);
  };
  for (const name of readdirSync(folder)) {
    if (name === SIGNER) continue;
    const content = readFileSync(join(folder, name));
    if (name === INPUT) {
      if (!content.equals(input)) problems.push('the input changed');
    } else if (name.startsWith(TEMPORARY)) {
      if (ended) problems.push('a temporary file is left');
      // An earlier file that its name was taken from.
      if ([...before.values()].some((each) => each.equals(content))) continue;
      if (![...after.values()].some((each) => isPartOf(content, each)))
        problems.push('a temporary file holds other bytes than the copy');
      if ((statSync(join(folder, name)).mode & 0o077) !== 0)
        problems.push('others may read a temporary file');
    } else if (!same(name, before) && !same(name, after)) problems.push(`${name} is neither old nor new`);
  }
  if (!existsSync(join(folder, INPUT))) problems.push('the input is gone');
  const isNew = same(COPY, after) && !same(COPY, before);
  if (!isNew && !same(COPY, before)) problems.push('the earlier copy is gone');
  if (isNew) for (const name of NAMES) if (!same(name, after)) problems.push(`a copy without ${name}`);
  if (ended && !isNew)
    for (const name of NAMES) if (!same(name, before)) problems.push(`the earlier ${name} is gone`);
  return problems;
}

/** True if all is written as planned so far: what is not yet there is a hole. */
function isPartOf(written: Buffer, planned: Buffer): boolean {
  return (
    written.length <= planned.length &&
    (written.equals(planned.subarray(0, written.length)) ||
      written.every((byte, at) => byte === 0 || byte === planned[at]))
  );
}

/** True if the new copy has its name. */
export const isPublished = (folder: string, { after }: Scene): boolean =>
  existsSync(join(folder, COPY)) && readFileSync(join(folder, COPY)).equals(after.get(COPY)!);
