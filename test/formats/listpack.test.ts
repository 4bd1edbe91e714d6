import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { AddressedMemory } from '../../src/formats/elf/pairs/addressed-memory.js';
import { Listpacks } from '../../src/formats/elf/pairs/layouts.js';

const BASE = 0x10_0000;

/** Memory that counts what is read of it. */
class CountedMemory extends AddressedMemory {
  reads = 0;

  constructor(bytes: Buffer) {
    super(bufferReader(bytes), [{ address: BigInt(BASE), offset: 0, length: bytes.length }]);
  }

  override bytes(address: number, length: number): Uint8Array | undefined {
    this.reads++;
    return super.bytes(address, length);
  }
}

const entry = (text: string): Buffer =>
  Buffer.concat([Buffer.of(0x80 | text.length), Buffer.from(text), Buffer.of(text.length + 1)]);

/** Pairs of a block, with or without its head, and the addresses of the values. */
function block(pairs: number, hasHead: boolean): { memory: CountedMemory; values: number[] } {
  const random = new SeededRandom('listpack');
  const head = Buffer.alloc(6, 0xc1);
  const parts: Buffer[] = [head];
  const values: number[] = [];
  let at = head.length;
  for (let i = 0; i < pairs; i++) {
    const [name, value] = [entry(`name${i}`), entry(random.bytes(15).toString('hex'))];
    values.push(BASE + at + name.length + 1);
    parts.push(name, value);
    at += name.length + value.length;
  }
  if (hasHead) {
    head.writeUInt32LE(at + 1);
    head.writeUInt16LE(2 * pairs, 4);
  }
  return { memory: new CountedMemory(Buffer.concat([...parts, Buffer.of(0xff)])), values };
}

test('each value of a block has its name, and the block is walked once', () => {
  const { memory, values } = block(10_000, true);
  const blocks = new Listpacks(memory, values.length);
  const names = values.map((value) => {
    const { address, length } = blocks.pairAt(value)!.name;
    return Buffer.from(memory.bytes(address, length)!).toString();
  });
  expect(names).toEqual(values.map((_, i) => `name${i}`));
  expect(memory.reads).toBeLessThan(40 * values.length);
});

test('entries without a block name nothing, and are walked once', () => {
  const { memory, values } = block(10_000, false);
  const blocks = new Listpacks(memory, values.length);
  for (const value of values) expect(blocks.pairAt(value)).toBeUndefined();
  expect(memory.reads).toBeLessThan(40 * values.length);
});

test('entries that are walked again and again are given up', () => {
  const { memory, values } = block(3_000, false);
  const asked = Array.from({ length: 20_000 }, (_, i) => values[i % 2 === 0 ? 2_999 : 2_900]!);
  const blocks = new Listpacks(memory, 1_000);
  for (const value of asked) expect(blocks.pairAt(value)).toBeUndefined();
  expect(blocks.goesOn).toBe(false);
  expect(memory.reads).toBeLessThan(30 * asked.length + 10 * 64 * 1_000);
});
