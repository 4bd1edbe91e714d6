import type { KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Encoded, encodingsOf } from './encodings.js';
import { type Part, partsOf } from './parts.js';

/** A part of a key at a place in a dump. */
export interface Sighting {
  key: string;
  part: Part;
  encoding: string;
  offset: number;
  length: number;
}

interface Needle extends Encoded {
  key: string;
  part: Part;
  /** Position of its first two non-zero bytes, which are compared first. */
  head: number;
}

const PIECE = 1 << 20;

function headOf(bytes: Buffer): number {
  const at = bytes.findIndex((byte, i) => byte !== 0 && bytes[i + 1] !== 0);
  return Math.max(0, Math.min(at, bytes.length - 2));
}

function needlesOf(keys: Readonly<Record<string, KeyObject>>): Needle[] {
  return Object.entries(keys).flatMap(([key, value]) =>
    partsOf(value).flatMap((part) =>
      encodingsOf(part).map((each) => ({ ...each, key, part, head: headOf(each.bytes) })),
    ),
  );
}

/** Needles by their first two bytes. */
function byHead(needles: readonly Needle[]): (Needle[] | undefined)[] {
  const table: (Needle[] | undefined)[] = new Array(65_536).fill(undefined);
  for (const each of needles) {
    const head = each.bytes.readUInt16LE(each.head);
    const row = table[head];
    if (row) row.push(each);
    else table[head] = [each];
  }
  return table;
}

/**
 * Every place of every part of every key, in every encoding, at every byte of the file, by comparison alone.
 * One encoding may be a prefix of another (a number whose top digit is zero): the longest counts.
 */
export function sightingsIn(path: string, keys: Readonly<Record<string, KeyObject>>): Sighting[] {
  const needles = needlesOf(keys);
  const table = byHead(needles);
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length));
  const place = Buffer.alloc(overlap + PIECE + overlap);
  const zeros = Buffer.alloc(place.length);
  const found: Sighting[] = [];
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    for (let base = 0; base < size; base += PIECE) {
      const from = Math.max(0, base - overlap);
      const bytes = place.subarray(0, readSync(fd, place, 0, base - from + PIECE + overlap, from));
      if (bytes.equals(zeros.subarray(0, bytes.length))) continue;
      const end = Math.min(base - from + PIECE, bytes.length - 1);
      for (let at = base - from; at < end; at++) {
        const row = table[bytes[at]! | (bytes[at + 1]! << 8)];
        if (row === undefined) continue;
        for (const { key, part, encoding, bytes: needle, head } of row)
          if (matchesAt(needle, bytes, at - head))
            found.push({ key, part, encoding, offset: from + at - head, length: needle.length });
      }
    }
  } finally {
    closeSync(fd);
  }
  return longest(found);
}

function matchesAt(needle: Buffer, bytes: Buffer, at: number): boolean {
  return at >= 0 && needle.equals(bytes.subarray(at, at + needle.length));
}

function longest(found: readonly Sighting[]): Sighting[] {
  const best = new Map<string, Sighting>();
  for (const each of found) {
    const id = `${each.key} ${each.part.name} ${each.offset}`;
    if ((best.get(id)?.length ?? 0) < each.length) best.set(id, each);
  }
  return [...best.values()].sort((a, b) => a.offset - b.offset);
}
