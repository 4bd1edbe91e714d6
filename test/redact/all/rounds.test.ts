import { describe, expect, test } from '@jest/globals';
import { openStorage, type Storage } from '../../../src/core/base/bytes/storage.js';
import { Fills } from '../../../src/redact/all/fills.js';
import { scanUntilQuiet } from '../../../src/redact/all/rounds.js';

const LENGTH = 64;
const bytes = new SharedArrayBuffer(LENGTH);
new Uint8Array(bytes).fill(1);
const stored: Storage = { kind: 'memory', bytes, length: LENGTH };

/** What a scan is given to read. */
function contentOf(view: Storage): number[] {
  const target = new Uint8Array(LENGTH);
  openStorage(view).read(0, target);
  return [...target];
}

describe('rounds of scan and fill', () => {
  test('end at once if nothing is found', async () => {
    const views: Storage[] = [];
    const scan = async (view: Storage) => views.push(view) < 0;
    expect(await scanUntilQuiet({ stored, fills: new Fills(LENGTH), scan })).toBe(0);
    expect(views).toEqual([stored]);
  });

  test('end when a scan of what is left finds nothing', async () => {
    const fills = new Fills(LENGTH, { fill: 42 });
    const seen: number[] = [];
    const scan = async (view: Storage, round: number) => {
      seen.push(contentOf(view).filter((byte) => byte === 42).length);
      return round < 3 && fills.add(4 * round, 4, 'token');
    };
    expect(await scanUntilQuiet({ stored, fills, scan })).toBe(3);
    expect(seen).toEqual([0, 4, 8, 12]);
  });

  test('fail after eight scans of what is left', async () => {
    const fills = new Fills(LENGTH);
    let scans = 0;
    const scan = async () => {
      scans++;
      return true;
    };
    const failure = { code: 'redact-still-found', exit: 1 };
    await expect(scanUntilQuiet({ stored, fills, scan })).rejects.toMatchObject(failure);
    expect(scans).toBe(9);
  });

  test('fail if there are too many places', async () => {
    const fills = new Fills(LENGTH, { most: 1 });
    const scan = async () => [0, 8].some((offset) => fills.add(offset, 1, 'token'));
    fills.add(20, 1, 'token');
    const failure = { code: 'redact-too-many-places', exit: 2 };
    await expect(scanUntilQuiet({ stored, fills, scan: async () => !(await scan()) })).rejects.toMatchObject(
      failure,
    );
  });
});
