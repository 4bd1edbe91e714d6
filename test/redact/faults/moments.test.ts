import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { redact } from '../../../src/api/redact.js';
import { withTempDir } from '../../support/folder.js';
import { BuiltProcess } from '../built-core.js';
import { KEY } from '../manifest/signed-copy.js';
import { type FileCall, watchFileCalls } from './file-calls.js';
import { isPublished, optionsIn, prepare, problemsIn, type Scene, sceneOf } from './scene.js';

/**
 * What SIGKILL leaves is what is in the folder at that moment: it is looked at ahead of each call for a file
 * of it. Then each of these calls fails once. More of both: bench/redact-faults.ts.
 */

const CORE = new BuiltProcess('faults').core().bytes;
/** Longer, or its copy would be the same. */
const OLD = Buffer.concat([CORE, Buffer.alloc(8)]);
const TEXT = Buffer.from(`token = "${githubToken(new SeededRandom('faults'))}"\n`.repeat(50));
const backtrace = { keep: 'backtrace' } as const;
const signed = { ...backtrace, sign: KEY.pkcs8 };

type Row = [name: string, scene: () => Promise<Scene>];
const REPLACED: Row[] = [
  ['that is signed', () => sceneOf(CORE, signed)],
  ['that replaces a signed one', () => sceneOf(CORE, signed, { dump: OLD, options: signed })],
  [
    'without a signature that replaces a signed one',
    () => sceneOf(CORE, backtrace, { dump: OLD, options: signed }),
  ],
];
const PACKED: Row = ['that is compressed', () => sceneOf(gzipSync(CORE), backtrace)];
const ALL: Row[] = [...REPLACED, PACKED, ['with fills', () => sceneOf(TEXT, { keep: 'all' })]];

/** Makes the copy of a scene; `before` may throw in place of a call. Returns the error. */
async function run(folder: string, scene: Scene, before: (call: FileCall) => void): Promise<unknown> {
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

describe.each(ALL)('a copy %s', (_name, make) => {
  test('is whole and proven, or not there, at every moment', async () => {
    const scene = await make();
    await withTempDir(async (folder) => {
      const problems: string[] = [];
      const moments = { before: 0, after: 0 };
      const error = await run(folder, scene, ({ name }) => {
        const found = problemsIn(folder, scene, false);
        if (found.length > 0) problems.push(`ahead of ${name}: ${found.join(', ')}`);
        moments[isPublished(folder, scene) ? 'after' : 'before']++;
      });
      expect(error).toBeUndefined();
      expect(problems).toEqual([]);
      expect(problemsIn(folder, scene, true)).toEqual([]);
      expect(isPublished(folder, scene)).toBe(true);
      expect(moments.before).toBeGreaterThan(30);
      expect(moments.after).toBeGreaterThan(2);
    });
  });
});

/** Between them they take a name by a link and by a rename, with a signature and without. */
const FAILING = [REPLACED[1]!, REPLACED[2]!, PACKED];

describe.each(FAILING)('a copy %s', (_name, make) => {
  test('is not there if any call fails, and nothing is left behind', async () => {
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
});
