import { createCipheriv, createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../../fixtures/dumps.js';
import { pkcs8Pem, spkiSha256 } from '../../../fixtures/keys.js';
import { useHost } from '../../../fleet/src/host.js';
import { add } from '../../../fleet/src/work/add.js';
import type { AddOptions, AddResult } from '../../../fleet/src/work/options.js';
import * as dumpsieve from '../../../src/index.js';
import { withTempDir } from '../../support/folder.js';
import type { ScannedDump } from './stored.js';
import { scansOf } from './stored.js';

/** `hunt add` with real processes: what is stored of their scans, and their limits. */

useHost(dumpsieve);

const dumps = fixtureDumps();
const signer = dumps.find(({ name }) => name === 'signer.core')!;

/** Random bytes are searched for keys: seconds of work in a megabyte. */
const flood = (megabytes: number): Buffer =>
  createCipheriv('aes-256-ctr', Buffer.alloc(32), Buffer.alloc(16)).update(Buffer.alloc(megabytes << 20));

async function added(
  files: Readonly<Record<string, Uint8Array>>,
  options: Partial<AddOptions>,
): Promise<{ result: AddResult; scans: Map<string, ScannedDump> }> {
  return withTempDir(async (folder) => {
    mkdirSync(join(folder, 'dumps'));
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, 'dumps', name), bytes);
    const find = (options.scanner?.find ?? []).map((content, i) => {
      writeFileSync(join(folder, `${i}.pem`), content);
      return join(folder, `${i}.pem`);
    });
    const scanner = { ...options.scanner, ...(find.length === 0 ? {} : { find }) };
    const store = join(folder, 'store');
    const result = await add({ paths: [join(folder, 'dumps')], jobs: 1, ...options, store, scanner });
    // No byte of a secret is in the file.
    const bytes = [store, `${store}-wal`].flatMap((path) => {
      try {
        return [readFileSync(path)];
      } catch {
        return [];
      }
    });
    for (const token of Object.values(signer.tokens))
      expect(bytes.some((each) => each.includes(token.slice(0, 12)))).toBe(false);
    return { result, scans: await scansOf(store) };
  });
}

describe('a run with real processes', () => {
  test('stores what was found, and what was asked for', async () => {
    const files = Object.fromEntries(dumps.map(({ name, bytes }) => [name, bytes]));
    const find = [pkcs8Pem(signer.keys.p256!)];
    const { result, scans } = await added(files, { scanner: { find } });
    expect(result).toMatchObject({ exit: 1, counts: { scanned: dumps.length }, pending: 0 });
    const own = scans.get('signer.core')!;
    expect(own.sha256).toBe(createHash('sha256').update(signer.bytes).digest('hex'));
    expect(own.spki).toContain(spkiSha256(signer.keys.rsa!));
    expect(own.answers).toEqual(['present']);
    expect(scans.get('idle.core')!.answers).toEqual(['absent']);
  });

  test('stores a scan that reached its time limit as incomplete', async () => {
    const large = flood(48);
    const limits = { limits: { seconds: 1 }, scanner: { effort: 'deep' } } as const;
    const { result, scans } = await added({ flood: large }, limits);
    expect(result).toMatchObject({ exit: 2, counts: { scanned: 1, incomplete: 1, crashed: 0 }, pending: 0 });
    expect(scans.get('flood')).toMatchObject({
      sha256: createHash('sha256').update(large).digest('hex'),
      exit: 2,
      complete: false,
    });
  });

  test('gives up a dump that takes more memory than it may', async () => {
    const files = { 'a-flood': flood(48), 'b-signer': signer.bytes };
    const { result, scans } = await added(files, {
      limits: { memory: 160 << 20 },
      scanner: { effort: 'deep' },
    });
    expect(result).toMatchObject({ exit: 1, counts: { scanned: 1, crashed: 3, dead: 1 }, pending: 1 });
    expect([...scans.keys()]).toEqual(['b-signer']);
  });
});
