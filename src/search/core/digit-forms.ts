import type { IntegerEncoding } from './types.js';

/** A form in which runtimes store the digits of big integers. */
export interface DigitForm {
  reading: IntegerEncoding;
  bits: number;
  stride: number;
  /** Undefined if the bytes are no digit. */
  read(bytes: Buffer, at: number): number | undefined;
}

const upperHalf = (bits: number) => {
  const limit = 2 ** bits;
  return (bytes: Buffer, at: number) => {
    // Rejects most places.
    if (bytes[at] !== 0) return undefined;
    const digit = bytes.readUInt32LE(at + 4);
    return digit < limit && bytes.readUInt32LE(at) === 0 ? digit : undefined;
  };
};

const double = (bits: number) => {
  const limit = 2 ** bits;
  return (bytes: Buffer, at: number) => {
    // A double of so few bits has zeros in its low bytes.
    if (bytes[at] !== 0 || bytes[at + 1] !== 0) return undefined;
    const digit = bytes.readDoubleLE(at);
    return digit >= 1 && digit < limit && Number.isInteger(digit) ? digit : undefined;
  };
};

/** JavaScriptCore's tag of an integer, in the upper half of the word. */
const TAG = 0xfffe0000;

const tagged = (bits: number) => {
  const limit = 2 ** bits;
  return (bytes: Buffer, at: number) => {
    // Rejects most places.
    if (bytes[at + 7] !== 0xff) return undefined;
    const digit = bytes.readUInt32LE(at);
    return digit < limit && bytes.readUInt32LE(at + 4) === TAG ? digit : undefined;
  };
};

/** Digits of 60 and 63 bits, as their upper 32 bits: callers only test ranges and top bits. */
const wide = (bits: number) => {
  const limit = 2 ** (bits - 32);
  return (bytes: Buffer, at: number) => {
    const upper = bytes.readUInt32LE(at + 4);
    return upper < limit ? upper : undefined;
  };
};

/** Digits of at most 30 bits, stored multiplied by `unit`. */
const narrow = (bits: number, unit: number) => {
  const limit = 2 ** bits;
  return (bytes: Buffer, at: number) => {
    const digit = bytes.readUInt32LE(at) / unit;
    return digit < limit && Number.isInteger(digit) ? digit : undefined;
  };
};

/** V8's small integers with compressed pointers. */
export const COMPRESSED: readonly DigitForm[] = [
  { reading: 'v8-smi26c', bits: 26, stride: 4, read: narrow(26, 2) },
  { reading: 'v8-smi28c', bits: 28, stride: 4, read: narrow(28, 2) },
];

/**
 * Forms inside runs of random-looking words, in the order of the extractor's codes. Of two forms, digits of
 * the narrower one are digits of the wider one, too.
 */
export const RUN_FORMS: readonly (readonly DigitForm[])[] = [
  [
    { reading: 'digits28-le32', bits: 28, stride: 4, read: narrow(28, 1) },
    { reading: 'digits30-le32', bits: 30, stride: 4, read: narrow(30, 1) },
  ],
  [{ reading: 'digits60-le64', bits: 60, stride: 8, read: wide(60) }],
  [{ reading: 'digits63-le64', bits: 63, stride: 8, read: wide(63) }],
  COMPRESSED,
];

/**
 * Forms of JavaScript engines with too many constant bytes for the entropy net: they have a net of their own.
 */
export const ENGINE_FORMS: readonly (readonly DigitForm[])[] = [
  [
    { reading: 'v8-smi26', bits: 26, stride: 8, read: upperHalf(26) },
    { reading: 'v8-smi28', bits: 28, stride: 8, read: upperHalf(28) },
  ],
  [
    { reading: 'v8-double26', bits: 26, stride: 8, read: double(26) },
    { reading: 'v8-double28', bits: 28, stride: 8, read: double(28) },
  ],
  [
    { reading: 'jsc-int26', bits: 26, stride: 8, read: tagged(26) },
    { reading: 'jsc-int28', bits: 28, stride: 8, read: tagged(28) },
  ],
];

export const DIGIT_FORMS: readonly DigitForm[] = [...RUN_FORMS, ...ENGINE_FORMS].flat();
