import { createCipheriv, randomBytes } from 'node:crypto';
import { ftruncateSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { ScanChild, type ScanEvent, type ScannerOptions, type SealedSource } from '../../src/index.js';
import { withTempDir } from '../support/folder.js';

/** Sources in the spool of a child: encrypted by the parent, and read by an inherited descriptor. */

async function collect(events: AsyncIterable<ScanEvent>): Promise<ScanEvent[]> {
  const all: ScanEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const findings = (events: readonly ScanEvent[]): unknown =>
  JSON.parse(JSON.stringify(events.filter(({ type }) => type === 'finding')));

/** Writes bytes as a spool has them. */
function seal(fd: number, bytes: Uint8Array, name: string): SealedSource {
  const key = randomBytes(32);
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  ftruncateSync(fd, 0);
  writeSync(fd, cipher.update(bytes), 0, bytes.length, 0);
  return { name, sealed: { key, length: bytes.length } };
}

const withSpool = (
  body: (child: ScanChild, fd: number, folder: string) => Promise<void>,
  options: ScannerOptions = {},
) =>
  withTempDir(async (folder) => {
    const path = join(folder, 'spool');
    const fd = openSync(path, 'w+', 0o600);
    unlinkSync(path);
    const child = await ScanChild.within(options, {}, { spool: fd });
    try {
      await body(child, fd, folder);
    } finally {
      await child.close();
    }
  });

describe('a sealed source', () => {
  test('has the findings of the same bytes in a file, dump after dump in one process', async () => {
    await withSpool(async (child, fd, folder) => {
      const { pid } = child;
      for (const { name, bytes } of fixtureDumps()) {
        const path = join(folder, name);
        writeFileSync(path, bytes);
        const expected = findings(await collect(child.scan(path)));
        const events = await collect(child.scan(seal(fd, bytes, path)));
        expect(findings(events)).toEqual(expected);
        expect(events.find(({ type }) => type === 'artifact')).toMatchObject({ path });
      }
      expect(child.pid).toBe(pid);
    });
  });

  test('has the name that the report shows, and its time', async () => {
    await withSpool(async (child, fd) => {
      const mtime = new Date('2026-01-02T03:04:05Z');
      const source = { ...seal(fd, Buffer.from('quiet'), 's3://bucket/a\nb.core'), mtime };
      const [, artifact] = await collect(child.scan(source));
      expect(artifact).toMatchObject({ type: 'artifact', path: 's3://bucket/a\\x0ab.core' });
    });
  });

  test('is read after a process that died, by the next one', async () => {
    await withSpool(async (child, fd) => {
      process.kill(child.pid!, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 100));
      const events = await collect(child.scan(seal(fd, Buffer.from('quiet'), 'dump')));
      expect(events.at(-1)).toMatchObject({ exit: 0, complete: true });
    });
  });

  test('is not clean where the spool has fewer bytes than it should', async () => {
    await withSpool(async (child, fd) => {
      const source = seal(fd, Buffer.alloc(100_000, 'quiet '), 'dump');
      ftruncateSync(fd, 5000);
      const events = await collect(child.scan(source));
      expect(events.at(-1)).toMatchObject({ exit: 2, complete: false });
    });
  });

  test('without bytes is reported as any empty dump', async () => {
    await withSpool(async (child, fd) => {
      const events = await collect(child.scan(seal(fd, Buffer.alloc(0), 'dump')));
      expect(events.at(-1)).toMatchObject({ exit: 2, complete: false });
    });
  });

  test('is refused with a key of another length, and by a child without a spool', async () => {
    await withSpool(async (child, fd) => {
      const source = seal(fd, Buffer.from('quiet'), 'dump');
      source.sealed.key = source.sealed.key.subarray(1);
      await expect(collect(child.scan(source))).rejects.toMatchObject({ code: 'wrong-option', exit: 3 });
    });
    const child = await ScanChild.open();
    try {
      const sealed = { key: randomBytes(32), length: 1 };
      const events = collect(child.scan({ name: 'dump', sealed }));
      await expect(events).rejects.toMatchObject({ code: 'wrong-option', exit: 3 });
    } finally {
      await child.close();
    }
  });
});
