import { describe, expect, test } from '@jest/globals';
import { withTempDir } from '../../support/folder.js';
import { FILLED, PACKED, REPLACED, run, SIGNED, UNSIGNED } from './failing-calls.js';
import { isPublished, problemsIn } from './scene.js';

/** SIGKILL leaves what is in the folder at that moment: that is read ahead of each call for a file of it. */

describe.each([SIGNED, REPLACED, UNSIGNED, PACKED, FILLED])('a copy %s', (_name, make) => {
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
