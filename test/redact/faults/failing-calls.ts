import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { redact } from '../../../src/api/redact.js';
import { withTempDir } from '../../support/folder.js';
import { BuiltProcess } from '../built-core.js';
import { KEY } from '../manifest/signed-copy.js';
import { type FileCall, watchFileCalls } from './file-calls.js';
import { isPublished, optionsIn, prepare, problemsIn, type Scene, sceneOf } from './scene.js';

/** Copies that are made with faults on the way, and what they must leave. More: bench/redact-faults.ts. */

const CORE = new BuiltProcess('faults').core().bytes;
/** Longer, or its copy would be the same. */
const OLD = Buffer.concat([CORE, Buffer.alloc(8)]);
const TEXT = Buffer.from(`token = "${githubToken(new SeededRandom('faults'))}"\n`.repeat(50));
const backtrace = { keep: 'backtrace' } as const;
const signed = { ...backtrace, sign: KEY.pkcs8 };

export type Row = [name: string, scene: () => Promise<Scene>];
export const SIGNED: Row = ['that is signed', () => sceneOf(CORE, signed)];
export const REPLACED: Row = [
  'that replaces a signed one',
  () => sceneOf(CORE, signed, { dump: OLD, options: signed }),
];
export const UNSIGNED: Row = [
  'without a signature that replaces a signed one',
  () => sceneOf(CORE, backtrace, { dump: OLD, options: signed }),
];
export const PACKED: Row = ['that is compressed', () => sceneOf(gzipSync(CORE), backtrace)];
export const FILLED: Row = ['with fills', () => sceneOf(TEXT, { keep: 'all' })];

/** Makes the copy of a scene; `before` may throw in place of a call. Returns the error. */
export async function run(folder: string, scene: Scene, before: (call: FileCall) => void): Promise<unknown> {
  prepare(folder, scene);
  const end = watchFileCalls(folder, before);
  try {
    await redact(optionsIn(folder, scene.options));
    return undefined;
  } catch (error) {
    return error;
  } finally {
    end();
  }
}

/** Each call for a file fails once. */
export function describeFailingCalls([name, make]: Row): void {
  test(`a copy ${name} is not there if any call fails, and nothing is left behind`, async () => {
    const scene = await make();
    /** Fails the call with this index. Returns the number of calls. */
    const fail = (index: number): Promise<number> =>
      withTempDir(async (folder) => {
        let calls = 0;
        let failed = '';
        const error = await run(folder, scene, ({ name, path }) => {
          if (calls++ !== index) return;
          failed = `${name} ${basename(path)}`;
          throw Object.assign(new Error('EIO: of a test'), { code: 'EIO' });
        });
        // The last name that is removed: the process does so once more when it ends.
        const isLeft = error === undefined && /^(?:rm|lstat|unlink) \.dumpsieve-/.test(failed);
        const problems = problemsIn(folder, scene, !isLeft);
        const isThere = isPublished(folder, scene);
        expect({ failed, problems, isThere }).toEqual({ failed, problems: [], isThere: error === undefined });
        if (error !== undefined)
          expect({ failed, error }).toMatchObject({ failed, error: { exit: expect.any(Number) } });
        return calls;
      });
    const calls = await fail(-1);
    expect(calls).toBeGreaterThan(50);
    for (let index = 0; index < calls; index++) await fail(index);
  });
}
