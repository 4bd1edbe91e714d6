import { header } from '../../core/asn1/der.js';
import {
  type KeyRead,
  readBarePrivateKey,
  readPrivateKey,
  readRestOfKey,
} from '../../core/asn1/private-key.js';
import { candidate, describeRead } from '../core/candidate.js';
import type { Detector, HitGroup, SecretCandidate } from '../core/types.js';
import { type HitWindow, reachOf, type WindowHit, windowsOf } from '../core/windows.js';

/** Private keys in DER at any offset, from anchors near the front of a structure or of its remains. */

/** Bytes from a structure to its anchor: 30 to the version of PKCS#1 in PKCS#8, 13 to the type of a PFX. */
const MAX_BEFORE_ANCHOR = 64;
/** RSA-16384 in PKCS#8 has 9.3 KB, ML-DSA-87 5 KB. */
const reach = { before: MAX_BEFORE_ANCHOR, after: 16 * 1024 };
/** A key store may be longer than the reach: one per group is read again in its own window. */
const MAX_STORE = 512 * 1024;

/**
 * In order of precedence, each over all starts: whole structures, truncated ones, ones without their header.
 */
const readers: ((bytes: Uint8Array, at: number) => KeyRead | undefined)[] = [
  (bytes, at) => readPrivateKey(bytes, at),
  (bytes, at) => readPrivateKey(bytes, at, bytes.length, false),
  (bytes, at) => readBarePrivateKey(bytes, at),
];

/** The outermost structure that starts in [from, to]. */
function outermost(bytes: Uint8Array, from: number, to: number): KeyRead | undefined {
  for (const read of readers)
    for (let at = from; at <= to; at++) {
      const key = read(bytes, at);
      if (key !== undefined) return key;
    }
  return undefined;
}

/**
 * Keys at the hits of a window. Each start is tried once and never inside a key, so the time is linear in the
 * window. At the front of a window, the first key may end before the hit; the search for the hit's own key
 * then continues.
 */
function* keysAt(placed: HitWindow): Iterable<{ read: KeyRead; hit: WindowHit }> {
  let from = 0;
  for (const hit of placed.hits) {
    if (hit.wide) continue;
    while (from <= hit.at) {
      const { bytes } = placed.window;
      const read =
        outermost(bytes, Math.max(from, hit.at - MAX_BEFORE_ANCHOR), hit.at) ?? readRestOfKey(bytes, hit.at);
      from = read === undefined ? hit.at + 1 : Math.max(read.end, read.start + 1);
      if (read !== undefined) yield { read, hit };
    }
  }
}

function* examine(group: HitGroup): Iterable<SecretCandidate> {
  let longer = 1;
  for (const placed of windowsOf(group, reachOf(group.rule, reach))) {
    const { window } = placed;
    for (const { read, hit } of keysAt(placed)) {
      const store = read.form === 'pkcs12' && !read.whole && !window.endsAtEdge && longer-- > 0;
      const again = store ? readStore(group, hit, read, placed) : undefined;
      yield again ?? found(group, window, read);
    }
  }
}

function found({ rule }: HitGroup, window: HitWindow['window'], read: KeyRead): SecretCandidate {
  return candidate(rule, window, {
    ...describeRead(read, window.bytes),
    start: read.start,
    end: read.end,
    whole: read.whole,
    encoding: read.form === 'encrypted' ? 'pkcs8-encrypted' : read.form,
  });
}

/** Reads a key store that ends after the window, in its own window. */
function readStore(
  group: HitGroup,
  hit: WindowHit,
  read: KeyRead,
  placed: HitWindow,
): SecretCandidate | undefined {
  const { bytes } = placed.window;
  const outer = header(bytes, read.start, bytes.length)!;
  const before = hit.at - read.start;
  const after = Math.min(outer.end - hit.at, MAX_STORE);
  const window = group.view.window(hit.offset, before, after, group.order);
  const again = readPrivateKey(window.bytes, window.at - before, window.bytes.length, false);
  return again && found(group, window, again);
}

export const der: Detector = { name: 'der', reach, examine };
