import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { HeldFolder } from '../../src/guard/folders/folders-place.js';
import { withTempDir } from '../support/folder.js';

describe('which folders may be watched', () => {
  const REFUSED: Record<string, [message: RegExp, make: (root: string) => string]> = {
    'one that is missing': [/no such file/, (root) => join(root, 'missing')],
    'a file': [
      /not a folder|ENOTDIR/,
      (root) => {
        writeFileSync(join(root, 'file'), '');
        return join(root, 'file');
      },
    ],
    'one that all may write to': [
      /others may write to it/,
      (root) => {
        mkdirSync(join(root, 'a'));
        chmodSync(join(root, 'a'), 0o1777);
        return join(root, 'a');
      },
    ],
    'one that a group may write to': [
      /others may write to it/,
      (root) => {
        mkdirSync(join(root, 'a'));
        chmodSync(join(root, 'a'), 0o770);
        return join(root, 'a');
      },
    ],
    'one below a folder that others may write to': [
      /others may write to .*open/,
      (root) => {
        mkdirSync(join(root, 'open/a'), { recursive: true });
        chmodSync(join(root, 'open'), 0o777);
        return join(root, 'open/a');
      },
    ],
    'a link': [
      /a link is in its path/,
      (root) => {
        mkdirSync(join(root, 'a'));
        symlinkSync('a', join(root, 'b'));
        return join(root, 'b');
      },
    ],
    'one behind a link': [
      /a link is in its path/,
      (root) => {
        mkdirSync(join(root, 'a/c'), { recursive: true });
        symlinkSync('a', join(root, 'b'));
        return join(root, 'b/c');
      },
    ],
  };

  test.each(Object.entries(REFUSED))('not %s: exit 3', (_, [message, make]) =>
    withTempDir((root) => {
      const folder = make(root);
      expect(() => new HeldFolder(folder)).toThrow(
        expect.objectContaining({
          exit: 3,
          code: 'guard-folder-refused',
          message: expect.stringMatching(message),
        }),
      );
    }),
  );

  test('one in a folder like /tmp, where names belong to their owners', () =>
    withTempDir((root) => {
      mkdirSync(join(root, 'tmp/a'), { recursive: true });
      chmodSync(join(root, 'tmp'), 0o1777);
      new HeldFolder(join(root, 'tmp/a')).close();
    }));

  test('names lead into the folder that was opened, not into another at its path', () =>
    withTempDir((root) => {
      const [folder, moved] = [join(root, 'a'), join(root, 'b')];
      mkdirSync(folder);
      writeFileSync(join(folder, 'core'), 'ours');
      const held = new HeldFolder(folder);
      renameSync(folder, moved);
      mkdirSync(folder);
      writeFileSync(join(folder, 'core'), 'theirs');
      expect(held.isInPlace()).toBe(false);
      held.remove(Buffer.from('core'));
      held.close();
      expect(readdirSync(moved)).toEqual([]);
      expect(readFileSync(join(folder, 'core'), 'utf8')).toBe('theirs');
    }));

  test('a link is not followed, and its target not removed', () =>
    withTempDir((root) => {
      mkdirSync(join(root, 'a'));
      writeFileSync(join(root, 'target'), 'not a dump');
      symlinkSync('../target', join(root, 'a/core'));
      const held = new HeldFolder(join(root, 'a'));
      expect(() => held.open(Buffer.from('core'))).toThrow('ELOOP');
      held.remove(Buffer.from('core'));
      held.close();
      expect([readdirSync(join(root, 'a')), readdirSync(root).sort()]).toEqual([[], ['a', 'target']]);
    }));
});
