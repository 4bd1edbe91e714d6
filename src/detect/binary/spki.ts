import { header, TAG } from '../../asn1/der.js';
import { readSpki } from '../../asn1/spki.js';
import { readCertificate } from '../../asn1/x509.js';
import { upperBound } from '../../base/bytes/binary-search.js';
import { definedFields } from '../../base/runtime/defined.js';
import { publicRecord } from '../core/candidate.js';
import type { Detected, Detector, Hit, HitGroup, PublicRecord } from '../core/types.js';
import { type HitWindow, reachOf, windowsOf } from '../core/windows.js';
import { pem } from '../pem/pem.js';
import { isSsh, sshRecords } from '../ssh/ssh-public.js';
import { readTpmPoint } from './tpm-point.js';

/**
 * Public keys: SubjectPublicKeyInfo with the certificates around them (from their algorithms' OIDs), SSH, and
 * TPM points. A core of a TLS client has hundreds, so a hit must cost no more than a few header reads.
 */

/** Bytes before the anchor: SEQUENCE, SEQUENCE, OID header, and the OID's arcs before the anchor. */
const MAX_BEFORE_ANCHOR = 16;
/** Bytes from the start of a certificate to its key: names and validity, seldom above 1 KB. */
const MAX_BEFORE_KEY = 4096;
const reach = { before: MAX_BEFORE_KEY, after: 8 * 1024 };

/** `[0] { INTEGER 2 }` and an INTEGER tag: start of a version 3 TBSCertificate (RFC 5280, 4.1.2.1). */
const VERSION_3 = Buffer.from('a00302010202', 'hex');

/** Starts of possible certificates in a window, ascending. */
function certificateStarts(bytes: Uint8Array): number[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const starts: number[] = [];
  for (let at = buffer.indexOf(VERSION_3); at >= 0; at = buffer.indexOf(VERSION_3, at + 1)) {
    // Two SEQUENCE headers of two to four octets.
    for (const back of [8, 7, 6, 5, 4]) {
      const outer = header(bytes, at - back, bytes.length);
      const inner = outer?.tag === TAG.sequence ? header(bytes, outer.start, bytes.length) : undefined;
      if (inner?.tag !== TAG.sequence || inner.start !== at) continue;
      starts.push(at - back);
      break;
    }
  }
  return starts;
}

/** `SEQUENCE { SEQUENCE { OID`: excludes most places at the cost of a few octets. */
function mayBegin(bytes: Uint8Array, at: number): boolean {
  const outer = bytes[at] === TAG.sequence ? header(bytes, at, bytes.length) : undefined;
  if (outer === undefined || bytes[outer.start] !== TAG.sequence) return false;
  const algorithm = header(bytes, outer.start, bytes.length);
  return algorithm !== undefined && bytes[algorithm.start] === TAG.oid;
}

/** TPM anchors are a curve ID and TPM_ALG_NULL (0x0010), 16 bits each, little-endian. */
const isTpm = ({ anchor }: Hit): boolean => anchor[1] === 0 && anchor[2] === 0x10;

function* records({ window, hits }: HitWindow): Iterable<PublicRecord> {
  const { bytes } = window;
  let starts: number[] | undefined;
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
      starts ??= certificateStarts(bytes);
      const start = starts[upperBound(starts, at) - 1];
      const around =
        start !== undefined && at - start <= MAX_BEFORE_KEY ? readCertificate(bytes, start) : undefined;
      const key = bytes.subarray(at, end);
      yield start !== undefined && around?.spki.start === at
        ? publicRecord(
            window,
            [start, start + around.length],
            key,
            bytes.subarray(start, start + around.length),
          )
        : publicRecord(window, [at, end], key);
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
