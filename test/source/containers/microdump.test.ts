import { afterAll, describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { openDump } from '../../../src/formats/formats.js';
import fc from '../../support/property.js';
import { collect, scratch } from '../collect.js';

const { write, remove } = scratch();
afterAll(remove);

interface Stack {
  address: bigint;
  bytes: Buffer;
}

const hex = (value: bigint): string => value.toString(16).toUpperCase().padStart(16, '0');

/** A microdump as Breakpad writes it, `step` bytes a line, each line after a prefix of the log. */
function microdump({ address, bytes }: Stack, step = 384, prefix = 'W/google-breakpad( 3728): '): string[] {
  const data: string[] = [];
  for (let at = 0; at < bytes.length; at += step) {
    const part = bytes
      .subarray(at, at + step)
      .toString('hex')
      .toUpperCase();
    data.push(`S ${hex(address + BigInt(at))} ${part}`);
  }
  const start = hex(address);
  return [
    '-----BEGIN BREAKPAD MICRODUMP-----',
    'V App:1.0',
    'O A arm64 02 aarch64 OS 64 VERSION INFO',
    `S 0 ${start} ${start} ${hex(BigInt(bytes.length))}`,
    ...data,
    'C 00112233',
    'M 000000555F608000 0000000000000000 00000000000C0000 D6D1FEC9A15DE7F38A236898871A2E770 app',
    '-----END BREAKPAD MICRODUMP-----',
  ].map((line) => prefix + line);
}

/** The stacks of a text: memory by address, and warnings. */
async function stacksOf(text: string) {
  const { artifacts } = await collect([write('crash.txt', text)]);
  const [outer, inner] = artifacts;
  expect(outer).toMatchObject({ container: 'breakpad-microdump', unread: [], warnings: [] });
  expect(inner!.path).toMatch(/crash\.txt!stack$/);
  const dump = openDump(bufferReader(inner!.bytes));
  const stacks = dump.segments.map(({ address, offset, length }) => ({
    address,
    bytes: inner!.bytes.subarray(offset, offset + length),
  }));
  for (const { offset, address } of dump.segments)
    expect(dump.locate(offset)).toMatchObject({ address, region: { kind: 'stack' } });
  return { stacks, codes: inner!.warnings.map(({ code }) => code), unread: inner!.unread.length, dump };
}

const stack = (address: bigint, length: number): Stack => ({
  address,
  bytes: Buffer.from(Array.from({ length }, (_, i) => (i * 7) & 255)),
});

describe('a microdump', () => {
  test('is decoded to the stack in its lines', async () => {
    const one = stack(0x7fe2ba6000n, 4000);
    const { stacks, codes, unread, dump } = await stacksOf(microdump(one).join('\r\n'));
    expect({ stacks, codes, unread }).toEqual({ stacks: [one], codes: [], unread: 0 });
    expect(dump.format).toBe('breakpad-microdump');
  });

  test('is decoded after others in one log', async () => {
    const all = [stack(0xc9379000n, 1000), stack(0xc9472000n, 384), stack(0xc9379000n, 7)];
    const text = all.flatMap((each) => [...microdump(each), 'other: S 1000 FFFF']).join('\n');
    expect(await stacksOf(text)).toMatchObject({ stacks: all, codes: [], unread: 0 });
  });

  const lines = microdump(stack(0x1000n, 3840));
  test.each([
    ['a line that is missing', lines.filter((_, i) => i !== 7)],
    ['a line that is cut', lines.map((line, i) => (i === 7 ? line.slice(0, -31) : line))],
    ['a line with another character', lines.map((line, i) => (i === 7 ? `${line.slice(0, -2)}XY` : line))],
    ['no end', lines.slice(0, 9)],
    ['another one before its end', [...lines.slice(0, 9), ...lines]],
  ])('with %s is reported', async (_name, damaged) => {
    const { codes, unread } = await stacksOf(damaged.join('\n'));
    expect({ codes, unread }).toEqual({ codes: ['microdump-lines-missing'], unread: 1 });
  });

  test('without the last lines of a stack is reported', async () => {
    const one = stack(0x7fe2ba6000n, 4000);
    const whole = microdump(one);
    const last = whole.findLastIndex((line) => line.includes(' S '));
    const without = whole.toSpliced(last, 1);
    const cut = { ...one, bytes: one.bytes.subarray(0, 10 * 384) };
    for (const text of [without, [...without.slice(0, -3), ...whole], without.slice(0, -1)]) {
      const { stacks, codes } = await stacksOf(text.join('\n'));
      expect(stacks[0]).toEqual(cut);
      expect(codes).toEqual(['microdump-lines-missing']);
    }
  });

  test.each([11, 12])(
    'with a line that is too long, after a prefix of %i characters, is reported',
    async (length) => {
      const one = stack(0x7fe2ba6000n, 40_000);
      const text = microdump(one, 40_000, 'p'.repeat(length)).join('\n');
      const { codes } = await stacksOf(text);
      expect(codes).toEqual(['microdump-lines-missing']);
    },
  );

  test('of any stack is decoded, with lines of any length', async () => {
    const stacks = fc.record({
      address: fc.bigInt(0n, 2n ** 63n),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
    });
    await fc.assert(
      fc.asyncProperty(
        stacks,
        fc.integer({ min: 1, max: 700 }),
        fc.constantFrom('', 'x: '),
        async (one, step, prefix) => {
          const read = await stacksOf(microdump(one, step, prefix).join('\n'));
          expect(read).toMatchObject({ stacks: [one], codes: [], unread: 0 });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('with any bytes changed and unbounded lines is still read', async () => {
    const text = Buffer.from(lines.slice(0, 12).join('\n'));
    const change = fc.tuple(fc.integer({ min: 61, max: text.length - 1 }), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 20 }), async (changes) => {
        const changed = Buffer.concat([text, Buffer.alloc(200_000, 'S')]);
        for (const [offset, value] of changes) changed[offset] = value;
        expect((await collect([write('hostile.txt', changed)])).artifacts.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  test('needs its marker in a text', async () => {
    const { artifacts } = await collect([write('no.bin', `\x01\x02${lines.join('\n')}`)]);
    expect(artifacts.map(({ container }) => container)).toEqual([undefined]);
  });
});
