import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openStorage } from '../../src/core/base/bytes/storage.js';
import { DumpsieveError } from '../../src/core/base/runtime/errors.js';
import { Spool, SpoolMemory } from '../../src/source/spool.js';
import fc from '../support/property.js';
import { readAll, sample, scratch } from './collect.js';

const files = scratch();
afterAll(() => files.remove());

const codeOf = (error: unknown): string | undefined =>
  error instanceof DumpsieveError ? error.code : undefined;

describe('a spool', () => {
  test('property: bytes in any pieces are read at any offset, from memory and from a file', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 60_000 }), { maxLength: 6 }),
        fc.constantFrom(0, 64 * 1024, 128 * 1024, 1 << 20),
        fc.array(fc.tuple(fc.nat(400_000), fc.nat(70_000)), { minLength: 4, maxLength: 12 }),
        async (pieces, memory, reads) => {
          const whole = Buffer.concat(pieces);
          const spool = new Spool(new SpoolMemory(memory), files.folder);
          for (const piece of pieces) await spool.write(piece);
          const storage = spool.storage();
          if (whole.length > memory) expect(storage.kind).toBe('sealed');
          if (whole.length === 0) expect(storage.kind).toBe('memory');
          const reader = openStorage(storage);
          expect(reader.length).toBe(whole.length);
          for (const [offset, length] of reads) {
            const target = Buffer.alloc(length);
            const count = reader.read(offset, target);
            expect(target.subarray(0, count).equals(whole.subarray(offset, offset + length))).toBe(true);
          }
          spool.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  test('reads at every offset around a block of the cipher and the end', async () => {
    const whole = sample(200);
    const spool = new Spool(new SpoolMemory(0), files.folder);
    await spool.write(whole);
    const reader = openStorage(spool.storage());
    for (let offset = 0; offset < 210; offset++) {
      for (const length of [1, 15, 16, 17, 250]) {
        const target = Buffer.alloc(length);
        const count = reader.read(offset, target);
        expect(target.subarray(0, count).equals(whole.subarray(offset, offset + length))).toBe(true);
      }
    }
    spool.close();
  });

  test('on disk: no name, mode 0600, and only ciphertext', async () => {
    const whole = Buffer.alloc(100_000, 'a secret that must not be in a file ');
    const spool = new Spool(new SpoolMemory(0), files.folder);
    await spool.write(whole);
    expect(fs.readdirSync(files.folder)).toEqual([]);
    const storage = spool.storage();
    if (storage.kind !== 'sealed') throw new Error(storage.kind);
    const stats = fs.fstatSync(storage.fd);
    if (process.platform !== 'win32') expect([stats.nlink, stats.mode & 0o777]).toEqual([0, 0o600]);
    const disk = Buffer.alloc(stats.size);
    fs.readSync(storage.fd, disk, 0, disk.length, 0);
    expect(disk.length).toBe(whole.length);
    expect(disk.includes('secret')).toBe(false);
    const { fd, key } = storage;
    spool.close();
    spool.close();
    expect(key.every((byte) => byte === 0)).toBe(true);
    expect(() => fs.fstatSync(fd)).toThrow();
  });

  test('shares a memory budget with other spools, until it is closed', async () => {
    const budget = new SpoolMemory(256 * 1024);
    const kinds: string[] = [];
    for (let i = 0; i < 2; i++) {
      const first = new Spool(budget, files.folder);
      const second = new Spool(budget, files.folder);
      await first.write(sample(200_000));
      await second.write(sample(70_000));
      kinds.push(first.storage().kind, second.storage().kind);
      expect(readAll(second.storage()).equals(sample(70_000))).toBe(true);
      first.close();
      second.close();
    }
    expect(kinds).toEqual(['memory', 'sealed', 'memory', 'sealed']);
  });

  test('with a missing folder keeps what fits in memory', async () => {
    const spool = new Spool(new SpoolMemory(64 * 1024), path.join(files.folder, 'missing'));
    await spool.write(sample(60_000));
    const error = await spool.write(sample(60_000)).catch((thrown: unknown) => thrown);
    expect(codeOf(error)).toBe('spool-failed');
    expect(readAll(spool.storage()).equals(sample(60_000))).toBe(true);
    spool.close();
  });

  const posix = process.platform === 'win32' ? test.skip : test;

  posix('reports a full disk (here a limit on file size), and keeps what was written', async () => {
    const module = new URL('../../src/source/spool.js', import.meta.url).href;
    const storage = new URL('../../src/core/base/bytes/storage.js', import.meta.url).href;
    const script = `
      import { SpoolMemory, Spool } from ${JSON.stringify(module)};
      import { openStorage } from ${JSON.stringify(storage)};
      process.on('SIGXFSZ', () => {});
      const spool = new Spool(new SpoolMemory(0), ${JSON.stringify(files.folder)});
      let code;
      try { for (;;) await spool.write(Buffer.alloc(30000, 7)); } catch (error) { code = error.code; }
      const bytes = Buffer.alloc(spool.length);
      openStorage(spool.storage()).read(0, bytes);
      console.log(code, bytes.length, bytes.every((byte) => byte === 7));`;
    const file = files.write('full.mjs', script);
    const child = spawn('bash', ['-c', 'ulimit -f 100; exec "$0" "$1"', process.execPath, file]);
    let output = '';
    for await (const chunk of child.stdout) output += String(chunk);
    fs.rmSync(file);
    // bash counts in units of 1,024 bytes.
    expect(output.trim()).toBe('spool-full 102400 true');
  });

  posix('leaves no file when the process is killed', async () => {
    const module = new URL('../../src/source/spool.js', import.meta.url).href;
    const script = `
      import { SpoolMemory, Spool } from ${JSON.stringify(module)};
      const spool = new Spool(new SpoolMemory(0), process.argv[2]);
      await spool.write(Buffer.alloc(1e6));
      console.log('written');
      setInterval(() => {}, 1000);`;
    const file = files.write('kill.mjs', script);
    const folder = path.join(files.folder, 'spool');
    fs.mkdirSync(folder);
    const child = spawn(process.execPath, [file, folder]);
    for await (const chunk of child.stdout) if (String(chunk).includes('written')) child.kill('SIGKILL');
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});
