import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openStream, readFifo } from '../../src/source/file-events.js';
import { SpoolMemory } from '../../src/source/spool.js';
import { EXPANSION, LARGE } from '../../src/source/stored-bytes.js';
import { readAll, scratch } from './collect.js';

const files = scratch();
afterAll(() => files.remove());

const { O_RDONLY, O_RDWR, O_NONBLOCK = 0 } = fs.constants;
let fifos = 0;

/** A new FIFO, opened for reading as the walk opens it. */
function fifo(): { path: string; fd: number } {
  const path = `${files.folder}/fifo${fifos++}`;
  execFileSync('mkfifo', [path]);
  return { path, fd: fs.openSync(path, O_RDONLY | O_NONBLOCK) };
}

const isOpen = (fd: number): boolean => {
  try {
    fs.fstatSync(fd);
    return true;
  } catch {
    return false;
  }
};

async function textOf(chunks: AsyncIterable<Uint8Array> | undefined): Promise<string | undefined> {
  if (chunks === undefined) return undefined;
  const context = { budget: new SpoolMemory(), expansion: EXPANSION, large: LARGE, fifoLooks: 1 };
  for await (const event of openStream('fifo', chunks, context))
    if (event.type === 'opened' && event.artifact) return readAll(event.artifact.storage).toString();
  return undefined;
}

(process.platform === 'win32' ? describe.skip : describe)('a FIFO', () => {
  test('without a writer is given up, and its descriptor is closed', async () => {
    const { fd } = fifo();
    expect(await readFifo(fd, { fifoLooks: 2 })).toBeUndefined();
    expect(isOpen(fd)).toBe(false);
  });

  test.each([
    ['nothing', '', 'late'],
    ['something', 'early,', 'late'],
    ['nothing, and ends', '', ''],
  ])('whose writer has written %s is read to its end', async (_what, early, late) => {
    const { path, fd } = fifo();
    const writer = fs.openSync(path, O_RDWR | O_NONBLOCK);
    if (early !== '') fs.writeSync(writer, early);
    const chunks = await readFifo(fd, { fifoLooks: 1 });
    if (late !== '') fs.writeSync(writer, late);
    const text = textOf(chunks);
    fs.closeSync(writer);
    expect(await text).toBe(early + late);
  });

  test('whose writer comes later is waited for', async () => {
    const { path, fd } = fifo();
    const reading = readFifo(fd, { fifoLooks: Number.POSITIVE_INFINITY });
    const writer = fs.openSync(path, O_RDWR | O_NONBLOCK);
    const chunks = await reading;
    fs.writeSync(writer, 'late');
    fs.closeSync(writer);
    expect(await textOf(chunks)).toBe('late');
  });

  test('is closed by an abort', async () => {
    const { fd } = fifo();
    const abort = new AbortController();
    const reading = readFifo(fd, { fifoLooks: Number.POSITIVE_INFINITY, signal: abort.signal });
    abort.abort(new Error('stopped'));
    await expect(reading).rejects.toThrow('stopped');
    expect(isOpen(fd)).toBe(false);
  });
});
