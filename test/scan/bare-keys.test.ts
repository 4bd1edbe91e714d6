import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { ScanEvent } from '../../src/core/model/report.js';
import { buildElfCore } from '../formats/build-elf.js';
import { LAYOUTS, Memory } from '../search/memory.js';
import { rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

const privateKey = rsaFrom('engine', 2048);
const publicKey = createPublicKey(privateKey);
const jwk = privateKey.export({ format: 'jwk' });
const part = (name: 'n' | 'p' | 'q') => Buffer.from(jwk[name]!, 'base64url');

/** Memory with a bare key, and the places of p and q in it. */
function memory(layout: keyof typeof LAYOUTS): { bytes: Buffer; primes: number[] } {
  const heap = new Memory();
  heap.filler(4096);
  heap.chunk(LAYOUTS[layout]!(part('n')));
  heap.filler(512);
  const p = heap.chunk(LAYOUTS[layout]!(part('p')));
  heap.filler(9600);
  const q = heap.chunk(LAYOUTS[layout]!(part('q')));
  heap.filler(4096);
  return { bytes: heap.bytes(), primes: [p, q] };
}

async function eventsOf(bytes: Uint8Array, options: object = {}): Promise<ScanEvent[]> {
  return withTempDir(async (folder) => {
    const file = join(folder, 'core');
    writeFileSync(file, bytes);
    const events: ScanEvent[] = [];
    for await (const event of scan({ paths: [file], ...options })) events.push(event);
    return events;
  });
}

const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

test.each([
  ['at the same place modulo 8 as in memory', 0],
  ['shifted by 3', 3],
  ['shifted by 4', 4],
])('a bare key is proven in a segment at a place of the file %s', async (_, gap) => {
  const { bytes, primes } = memory('limbs-le');
  const vaddr = 0x7f00_0000_0000n;
  const { bytes: core, offsets } = buildElfCore({ segments: [{ vaddr, bytes, gap }] });
  const findings = (await eventsOf(core)).filter((event) => event.type === 'finding');
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    ruleId: 'private-key-number',
    confidence: 'proven',
    severity: 'critical',
    counts: true,
  });
  expect(findings[0]!.key).toMatchObject({ algorithm: 'RSA', bits: 2048, encoding: 'limbs-le', spki });
  const places = findings[0]!.occurrences.map(({ offset, address }) => ({ offset, address }));
  for (const at of primes) {
    const address = `0x${(vaddr + BigInt(at)).toString(16)}`;
    expect(places).toContainEqual({ offset: offsets[0]! + at, address });
  }
});

test('every byte is read if no rule has a literal', async () => {
  const { bytes } = memory('limbs-le');
  const events = await eventsOf(Buffer.concat([Buffer.alloc(5 << 20), bytes]), {
    only: ['private-key-number'],
  });
  expect(events.find((event) => event.type === 'artifact')?.coverage.file.unread).toEqual([]);
  expect(events.filter((event) => event.type === 'finding')).toHaveLength(1);
});

test('bare keys are not searched for without the entropy net', async () => {
  const { bytes } = memory('limbs-le');
  const events = await eventsOf(bytes, { entropyNet: false });
  expect(events.filter((event) => event.type === 'finding')).toEqual([]);
});

test('operands of a multiplication are not a key', async () => {
  const heap = new Memory();
  const [a, b] = [part('p'), Buffer.from(part('q'))];
  b[b.length - 1]! ^= 0x02; // almost certainly not a prime
  const product = BigInt(`0x${a.toString('hex')}`) * BigInt(`0x${b.toString('hex')}`);
  heap.filler(4096);
  for (const value of [a, b, Buffer.from(product.toString(16).padStart(512, '0'), 'hex')]) {
    heap.chunk(LAYOUTS['limbs-le']!(value));
    heap.filler(320);
  }
  const events = await eventsOf(heap.bytes());
  expect(events.filter((event) => event.type === 'finding')).toEqual([]);
});
