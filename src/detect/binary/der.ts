import { header } from '../../asn1/der.js';
import { type KeyRead, readBarePrivateKey, readPrivateKey, readRestOfKey } from '../../asn1/private-key.js';
import { candidate, describeRead } from '../core/candidate.js';
import type { Candidate, Detector, HitGroup } from '../core/types.js';
import { type PlacedHit, reachOf, type Served, serve } from '../core/windows.js';

/** Private keys in DER at any offset, from anchors that stand near the front of their structures, or where what is left of one begins. */

/** From a structure's first byte to an anchor: PKCS#1's version inside PKCS#8 stands 30 bytes in, a PFX's content type 13. */
const WALK_BACK = 64;
/** RSA-16384 in PKCS#8 has 9.3 KB, ML-DSA-87 5 KB. */
const reach = { before: WALK_BACK, after: 16 * 1024 };
/** A key store may be longer than the reach: it is read again by itself, once a group. */
const STORE_MOST = 512 * 1024;

const encodings: Readonly<Record<KeyRead['form'], string>> = {
  pkcs1: 'pkcs1',
  pkcs8: 'pkcs8',
  sec1: 'sec1',
  dsa: 'dsa',
  encrypted: 'pkcs8-encrypted',
  pkcs12: 'pkcs12',
};

/** The first of the tries in order over all starts: a whole structure before a cut one before one without its header. */
const tries: ((bytes: Uint8Array, at: number) => KeyRead | undefined)[] = [
  (bytes, at) => readPrivateKey(bytes, at),
  (bytes, at) => readPrivateKey(bytes, at, bytes.length, false),
  (bytes, at) => readBarePrivateKey(bytes, at),
];

/** The outermost structure that begins in [from, to]. */
function outermost(bytes: Uint8Array, from: number, to: number): KeyRead | undefined {
  for (const attempt of tries)
    for (let at = from; at <= to; at++) {
      const read = attempt(bytes, at);
      if (read !== undefined) return read;
    }
  return undefined;
}

/**
 * Each start is tried once, and none inside a key that was found: linear in the window whatever the anchors are. A key that
 * ends before the hit is its neighbour's, met on the way back at the front of a window: the hit's own is still to come.
 */
function* keysAt(served: Served): Iterable<{ read: KeyRead; hit: PlacedHit }> {
  let from = 0;
  for (const hit of served.hits) {
    if (hit.wide) continue;
    while (from <= hit.at) {
      const { bytes } = served.window;
      const read =
        outermost(bytes, Math.max(from, hit.at - WALK_BACK), hit.at) ?? readRestOfKey(bytes, hit.at);
      from = read === undefined ? hit.at + 1 : Math.max(read.end, read.start + 1);
      if (read !== undefined) yield { read, hit };
    }
  }
}

function* examine(group: HitGroup): Iterable<Candidate> {
  let longer = 1;
  for (const served of serve(group, reachOf(group.rule, reach))) {
    const { window } = served;
    for (const { read, hit } of keysAt(served)) {
      const store = read.form === 'pkcs12' && !read.whole && !window.endsAtEdge && longer-- > 0;
      const again = store ? readStore(group, hit, read, served) : undefined;
      yield again ?? found(group, window, read);
    }
  }
}

function found({ rule }: HitGroup, window: Served['window'], read: KeyRead): Candidate {
  return candidate(rule, window, {
    ...describeRead(read, window.bytes),
    start: read.start,
    end: read.end,
    whole: read.whole,
    encoding: encodings[read.form],
  });
}

/** A key store that goes on behind the window, in a window of its own length. */
function readStore(group: HitGroup, hit: PlacedHit, read: KeyRead, served: Served): Candidate | undefined {
  const { bytes } = served.window;
  const outer = header(bytes, read.start, bytes.length)!;
  const before = hit.at - read.start;
  const after = Math.min(outer.end - hit.at, STORE_MOST);
  const window = group.view.window(hit.offset, before, after, group.order);
  const again = readPrivateKey(window.bytes, window.at - before, window.bytes.length, false);
  return again && found(group, window, again);
}

export const der: Detector = { name: 'der', reach, examine };
