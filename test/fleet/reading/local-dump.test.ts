import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { withTempDir } from '../../support/folder.js';
import { withAccess } from '../listed.js';
import { codeOf, storedDump, withDump, withSpool } from './opened.js';

const bytes = new SeededRandom('local dump').bytes(3_000_000);

const withFile = (
  body: (
    path: string,
    setting: Parameters<Parameters<typeof withAccess>[0]>[0],
    slot: Parameters<Parameters<typeof withSpool>[0]>[0],
  ) => Promise<void>,
) =>
  withTempDir((folder) =>
    withAccess((access) =>
      withSpool(async (slot) => {
        const path = join(folder, 'core.1');
        writeFileSync(path, bytes);
        await body(path, access, slot);
      }),
    ),
  );

describe('a file of this machine', () => {
  test('is opened by its child, and read for its digest only if that is asked for', async () => {
    await withFile(async (path, access, slot) => {
      const dump = await storedDump(access, path);
      await withDump(dump, { access, slot }, (opened) => {
        expect(Buffer.from(opened.source as Uint8Array).toString()).toBe(path);
        expect(opened).not.toHaveProperty('sha256');
        expect(opened).toMatchObject({ version: dump.version, size: bytes.length });
      });
      await withDump(dump, { access, slot, hash: true }, (opened) => {
        expect(opened.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      });
    });
  });

  test.each<[string, (path: string) => void, string]>([
    ['changed', (path) => appendFileSync(path, '.'), 'object-replaced'],
    ['removed', (path) => rmSync(path), 'object-gone'],
    [
      'a folder now',
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
      'object-replaced',
    ],
  ])('that is %s is not scanned', async (_name, change, code) => {
    await withFile(async (path, access, slot) => {
      const dump = await storedDump(access, path);
      change(path);
      expect(await codeOf(dump, { access, slot })).toBe(code);
    });
  });

  test('that changes during its scan is known to have', async () => {
    await withFile(async (path, access, slot) => {
      const dump = await storedDump(access, path);
      await withDump(dump, { access, slot }, async (opened) => {
        await opened.requireSame();
        appendFileSync(path, '.');
        await expect(opened.requireSame()).rejects.toMatchObject({ code: 'object-replaced', exit: 2 });
      });
    });
  });

  test('of another machine is refused, and so is what is no dump', async () => {
    await withFile(async (path, access, slot) => {
      const dump = await storedDump(access, path);
      expect(await codeOf({ ...dump, uri: 'file://elsewhere/core.1' }, { access, slot })).toBe(
        'other-machine',
      );
      expect(await codeOf({ ...dump, uri: 'core.1' }, { access, slot })).toBe('wrong-url');
    });
  });
});
