import { header, TAG } from '../../core/asn1/der.js';
import { readSpki } from '../../core/asn1/spki.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { Window } from '../../formats/memory/types.js';
import { publicRecord } from '../core/candidate.js';
import type { Detected, Detector, Hit, HitGroup, PublicRecord } from '../core/types.js';
import { type HitWindow, reachOf, windowsOf } from '../core/windows.js';
import { pem } from '../pem/pem.js';
import { isSsh, sshRecords } from '../ssh/ssh-public.js';
import { type ByteRange, type Enclosure, Enclosures, MAX_BEFORE_KEY } from './enclosures.js';
import { readTpmPoint } from './tpm-point.js';

/**
 * Public keys: SubjectPublicKeyInfo with the certificates around them (from their algorithms' OIDs), SSH, and
 * TPM points. A core of a TLS client has hundreds, so a hit must cost no more than a few header reads.
 */

/** Bytes before the anchor: SEQUENCE, SEQUENCE, OID header, and the OID's arcs before the anchor. */
const MAX_BEFORE_ANCHOR = 16;
const reach = { before: MAX_BEFORE_KEY, after: 8 * 1024 };

/** `SEQUENCE { SEQUENCE { OID`: excludes most places at the cost of a few octets. */
function mayBegin(bytes: Uint8Array, at: number): boolean {
  const outer = bytes[at] === TAG.sequence ? header(bytes, at, bytes.length) : undefined;
  if (outer === undefined || bytes[outer.start] !== TAG.sequence) return false;
  const algorithm = header(bytes, outer.start, bytes.length);
  return algorithm !== undefined && bytes[algorithm.start] === TAG.oid;
}

/** TPM anchors are a curve ID and TPM_ALG_NULL (0x0010), 16 bits each, little-endian. */
const isTpm = ({ anchor }: Hit): boolean => anchor[1] === 0 && anchor[2] === 0x10;

/** The record of a key that lies in a certificate, in a claim of its owner, or alone. */
function recordOf(window: Window, key: ByteRange, around: Enclosure | undefined): PublicRecord {
  const { bytes } = window;
  const spki = bytes.subarray(key.start, key.end);
  if (around === undefined) return publicRecord(window, [key.start, key.end], spki);
  const { form, start, end } = around;
  const whole = bytes.subarray(start, end);
  if (form === 'certificate') return publicRecord(window, [start, end], spki, whole);
  // The place stays that of the key: a claim changes nothing but its names.
  const claim = { form, offset: window.offsetOf(start), der: new Uint8Array(whole) };
  return publicRecord(window, [key.start, key.end], spki, 'spki', { claim });
}

function* records({ window, hits }: HitWindow): Iterable<PublicRecord> {
  const { bytes } = window;
  let around: Enclosures | undefined;
  let from = 0;
  for (const hit of hits) {
    if (hit.wide || hit.at < from) continue;
    if (isTpm(hit)) {
      const point = readTpmPoint(bytes, hit.at);
      if (point === undefined) continue;
      from = point.end;
      yield publicRecord(window, [hit.at, from], point.spki, 'tpm');
      continue;
    }
    for (let at = Math.max(from, hit.at - MAX_BEFORE_ANCHOR); at <= hit.at; at++) {
      if (!mayBegin(bytes, at)) continue;
      const spki = readSpki(bytes, at);
      if (spki === undefined) continue;
      const end = at + spki.length;
      around ??= new Enclosures(bytes);
      yield recordOf(window, { start: at, end }, around.of(at));
      from = end;
      break;
    }
    from = Math.max(from, hit.at + 1);
  }
}

/** PEM anchors start with a dash or a letter, DER anchors with a tag. */
const isText = ({ anchor: [first = 0] }: Hit): boolean => first === 0x2d || (first >= 0x41 && first <= 0x5a);

function* examine(group: HitGroup): Iterable<Detected> {
  const ssh = group.hits.filter(isSsh);
  const hits = group.hits.filter((hit) => !isSsh(hit) && !isText(hit));
  const windows = (part: Hit[]) => windowsOf({ ...group, hits: part }, reachOf(group.rule, reach));
  for (const window of windows(hits)) yield* records(window);
  for (const window of windows(ssh)) yield* sshRecords(window);
  if (hits.length + ssh.length < group.hits.length)
    yield* publicPem({ ...group, hits: group.hits.filter((hit) => !isSsh(hit) && isText(hit)) });
}

/** Public keys in PEM; private keys belong to other rules. */
function* publicPem(group: HitGroup): Iterable<Detected> {
  for (const detected of pem.examine(group)) if (detected.type === 'public') yield detected;
}

export const spki: Detector = { name: 'spki', reach, ...definedFields({ widest: pem.reach }), examine };
