import type { KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { encodingsOf } from '../../test/e2e/bare/encodings.js';
import { partsOf } from '../../test/e2e/bare/parts.js';

/**
 * A search for what a copy must not hold: any 64 bits of a private component in a binary form, any 96 in a
 * text. It shares no code with the scanner.
 */

/** Bytes that hold that number of bits, by the start of an encoding's name; 8 where none is listed. */
const SIZES: readonly (readonly [start: string, bytes: number])[] = [
  ['30 bits in 32', 12],
  ['28 bits in 32', 12],
  ['60 bits in 64', 16],
  ['63 bits in 64', 16],
  ['26 bits, V8 compressed', 12],
  ['28 bits, V8 compressed', 12],
  ['26 bits', 24],
  ['28 bits', 24],
  ['decimal', 29],
  ['base64', 16],
  ['hex', 24],
];

/** Of fewer distinct bytes a window is no part of a random number but padding. */
const LEAST_DISTINCT = 5;
/** Distinct bytes of the four that are looked up. */
const LEAST_IN_HEAD = 3;
const PIECE = 1 << 20;

type Keys = Readonly<Record<string, KeyObject>>;

interface KeyWindow {
  what: string;
  bytes: Buffer;
  /** Index of the four bytes that are looked up. */
  head: number;
}

function sizeOf(encoding: string): number {
  const size = SIZES.find(([start]) => encoding.startsWith(start))?.[1] ?? 8;
  return encoding.endsWith('UTF-16') ? 2 * size : size;
}

function headOf(bytes: Buffer): number {
  for (let at = 0; at + 4 <= bytes.length; at++)
    if (new Set(bytes.subarray(at, at + 4)).size >= LEAST_IN_HEAD) return at;
  return -1;
}

function* windowsOf(keys: Keys): Generator<KeyWindow> {
  for (const [key, value] of Object.entries(keys))
    for (const part of partsOf(value))
      for (const { encoding, bytes } of encodingsOf(part)) {
        const size = sizeOf(encoding);
        for (let at = 0; at + size <= bytes.length; at++) {
          const window = bytes.subarray(at, at + size);
          const head = headOf(window);
          if (head >= 0 && new Set(window).size >= LEAST_DISTINCT)
            yield { what: `${key} ${part.name}, ${encoding}`, bytes: window, head };
        }
      }
}

interface KeyIndex {
  byHead: Map<number, KeyWindow[]>;
  /** By the low three bytes of four: 1 if some of them are looked up. */
  isHead: Uint8Array;
  /** Bytes of the longest window. */
  longest: number;
}

const indices = new WeakMap<Keys, KeyIndex>();

function indexOf(keys: Keys): KeyIndex {
  const known = indices.get(keys);
  if (known !== undefined) return known;
  const byHead = new Map<number, KeyWindow[]>();
  const isHead = new Uint8Array(2 ** 24);
  let longest = 0;
  for (const each of windowsOf(keys)) {
    const head = each.bytes.readUInt32LE(each.head);
    const row = byHead.get(head);
    if (row) row.push(each);
    else byHead.set(head, [each]);
    isHead[head & 0xffffff] = 1;
    longest = Math.max(longest, each.bytes.length);
  }
  const index = { byHead, isHead, longest };
  indices.set(keys, index);
  return index;
}

/** What is left of keys in a file, by part and encoding, with the number of windows. */
export function leftIn(path: string, keys: Keys): Map<string, number> {
  const { byHead, isHead, longest } = indexOf(keys);
  const left = new Map<string, number>();
  const block = Buffer.alloc(longest + PIECE + longest);
  const zeros = Buffer.alloc(block.length);
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    for (let base = 0; base < size; base += PIECE) {
      const from = Math.max(0, base - longest);
      const bytes = block.subarray(0, readSync(fd, block, 0, base - from + PIECE + longest, from));
      if (bytes.equals(zeros.subarray(0, bytes.length))) continue;
      const end = Math.min(base - from + PIECE, bytes.length - 3);
      for (let at = base - from; at < end; at++) {
        const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
        if (isHead[low] === 0) continue;
        for (const { what, bytes: window, head } of byHead.get(bytes.readUInt32LE(at)) ?? []) {
          const start = at - head;
          if (start >= 0 && window.equals(bytes.subarray(start, start + window.length)))
            left.set(what, (left.get(what) ?? 0) + 1);
        }
      }
    }
  } finally {
    closeSync(fd);
  }
  return left;
}
