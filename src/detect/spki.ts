import { header, TAG } from '../asn1/der.js';
import { readSpki } from '../asn1/spki.js';
import { readCertificate } from '../asn1/x509.js';
import { upperBound } from '../base/bytes/binary-search.js';
import { publicRecord } from './core/candidate.js';
import type { Detected, Detector, Hit, HitGroup, PublicRecord } from './core/types.js';
import { reachOf, type Served, serve } from './core/windows.js';
import { pem } from './pem.js';
import { isSsh, sshRecords } from './ssh-public.js';
import { readTpmPoint } from './tpm-point.js';

/**
 * Public keys in DER and the certificates around them, from the OIDs of their algorithms, those of SSH, and points of a TPM. A core of a program that
 * speaks TLS holds hundreds: each hit costs a few header reads.
 */

/** SEQUENCE, SEQUENCE, OID header and whatever part of the OID the anchor leaves out. */
const WALK_BACK = 16;
/** From a certificate's first byte to its key: names and validity, seldom above 1 KB. */
const CERTIFICATE_BACK = 4096;
const reach = { before: CERTIFICATE_BACK, after: 8 * 1024 };

/** `[0] { INTEGER 2 }` and the serial number's tag, as they stand behind the two headers of every version 3 certificate (RFC 5280, 4.1.2.1). */
const VERSION_3 = Buffer.from('a00302010202', 'hex');

/** Where certificates may begin in a window, ascending: looked for once, however many keys it holds. */
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

/** SEQUENCE { SEQUENCE { OID: a few octets tell most places apart. */
function mayBegin(bytes: Uint8Array, at: number): boolean {
  const outer = bytes[at] === TAG.sequence ? header(bytes, at, bytes.length) : undefined;
  if (outer === undefined || bytes[outer.start] !== TAG.sequence) return false;
  const algorithm = header(bytes, outer.start, bytes.length);
  return algorithm !== undefined && bytes[algorithm.start] === TAG.oid;
}

/** A curve of the TPM and an algorithm that is none begin its anchors, as 16-bit integers. */
const isTpm = ({ anchor }: Hit): boolean => anchor[1] === 0 && anchor[2] === 0x10;

function* records({ window, hits }: Served): Iterable<PublicRecord> {
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
    for (let at = Math.max(from, hit.at - WALK_BACK); at <= hit.at; at++) {
      if (!mayBegin(bytes, at)) continue;
      const spki = readSpki(bytes, at);
      if (spki === undefined) continue;
      const end = at + spki.length;
      starts ??= certificateStarts(bytes);
      const start = starts[upperBound(starts, at) - 1];
      const around =
        start !== undefined && at - start <= CERTIFICATE_BACK ? readCertificate(bytes, start) : undefined;
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

/** Letters begin an anchor of PEM, which is read by the window of that, tags one of DER. */
const isText = ({ anchor: [first = 0] }: Hit): boolean => first === 0x2d || (first >= 0x41 && first <= 0x5a);

function* examine(group: HitGroup): Iterable<Detected> {
  const ssh = group.hits.filter(isSsh);
  const hits = group.hits.filter((hit) => !isSsh(hit) && !isText(hit));
  for (const served of serve({ ...group, hits }, reachOf(group.rule, reach))) yield* records(served);
  for (const served of serve({ ...group, hits: ssh }, reachOf(group.rule, reach))) yield* sshRecords(served);
  if (hits.length + ssh.length < group.hits.length)
    yield* publicPem({ ...group, hits: group.hits.filter((hit) => !isSsh(hit) && isText(hit)) });
}

/** What the PEM detector finds of public text: its private keys belong to the rules that ask for them. */
function* publicPem(group: HitGroup): Iterable<Detected> {
  for (const detected of pem.examine(group)) if (detected.type === 'public') yield detected;
}

export const spki: Detector = { name: 'spki', reach, ...(pem.reach ? { widest: pem.reach } : {}), examine };
