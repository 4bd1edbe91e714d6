import { describe, expect, test } from '@jest/globals';
import { Der, header, TAG } from '../../../src/core/asn1/der.js';
import * as write from '../../../src/core/asn1/write.js';
import fc from '../../support/property.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** X.690, 8.1.3 and 10.1 on hex strings: the length, or undefined if DER forbids its form. */
function naiveLength(octets: readonly number[]): { value: number; size: number } | undefined {
  const [first = -1, ...rest] = octets;
  if (first < 0) return undefined;
  if (first < 128) return { value: first, size: 1 };
  const digits = rest.slice(0, first - 128);
  if (digits.length !== first - 128 || digits.length === 0 || digits.length > 3 || digits[0] === 0)
    return undefined;
  const value = Number.parseInt(Buffer.from(digits).toString('hex'), 16);
  return value < 128 ? undefined : { value, size: 1 + digits.length };
}

test('length octets agree with a naive reader', () => {
  const lengths = fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84)), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(lengths, (octets) => {
      const read = header(Uint8Array.of(0x30, ...octets), 0, 1 + octets.length);
      const naive = naiveLength(octets);
      expect(read && { start: read.start, end: read.end }).toEqual(
        naive && { start: 1 + naive.size, end: 1 + naive.size + naive.value },
      );
    }),
  );
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (number, data) => {
      const bytes = write.sequence(write.integer(number), write.octetString(data), write.bitString(data));
      const der = new Der(bytes).enter(TAG.sequence)!;
      const value = Buffer.from(number)
        .toString('hex')
        .replace(/^(00)+/, '');
      expect(Buffer.from(der.integer()!).toString('hex')).toBe(value === '' ? '00' : value);
      expect(Buffer.from(der.contents(TAG.octetString)!)).toEqual(Buffer.from(data));
      expect(Buffer.from(der.bits()!)).toEqual(Buffer.from(data));
      expect(der.done).toBe(true);
    }),
  );
});

describe('forbidden DER is rejected, with its offset', () => {
  test.each([
    ['an INTEGER with leading zeros', '30 04 02 02 00 01', 2],
    ['a negative INTEGER', '30 03 02 01 ff', 2],
    ['an INTEGER without contents', '30 02 02 00', 2],
    ['an element that ends outside its container', '30 03 02 02 01 01', 2],
    ['a length that has a shorter form', '30 04 02 81 01 01', 2],
    ['another tag', '30 02 05 00', 2],
  ])('%s', (_, text, offset) => {
    const der = new Der(hex(text)).enter(TAG.sequence)!;
    expect(der.integer()).toBeUndefined();
    expect(der.fault?.offset).toBe(offset);
    // Reads after a fault return nothing.
    expect(der.integer()).toBeUndefined();
    expect(der.done).toBe(false);
  });

  test('an indefinite length and a tag number above 30', () => {
    expect(header(hex('30 80 00 00'), 0, 4)).toBeUndefined();
    expect(header(hex('3f 22 00'), 0, 3)).toBeUndefined();
  });

  test('nesting ends at a depth', () => {
    let bytes: Uint8Array = new Uint8Array(0);
    for (let i = 0; i < 40; i++) bytes = write.sequence(bytes);
    let der: Der | undefined = new Der(bytes);
    let depth = 0;
    for (let next = der.enter(TAG.sequence); next !== undefined; next = der.enter(TAG.sequence), depth++)
      der = next;
    expect([depth, der.fault?.what]).toEqual([16, 'nested too deep']);
  });
});

test('lenient: a cut element is clipped and marked', () => {
  const der = new Der(hex('04 05 01 02'), 0, 4, { lenient: true });
  const tlv = der.next(TAG.octetString);
  expect([tlv?.whole, tlv?.end, der.cut, der.done]).toEqual([false, 4, true, false]);
  expect(new Der(hex('04 05 01 02')).next()).toBeUndefined();
});
