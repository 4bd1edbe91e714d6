import { type Curve, curveByName } from '../../core/asn1/curves.js';
import { header, TAG } from '../../core/asn1/der.js';
import { DOMAINS, type Domain, isOnCurve } from '../../core/asn1/domain.js';
import { readSpki, spkiEc } from '../../core/asn1/spki.js';
import { readSshPublicKey } from '../../core/asn1/ssh-public.js';
import { readCertificate, readUnsigned } from '../../core/asn1/x509.js';
import { toBigint } from '../../core/base/bytes/integers.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { CertificateFacts } from '../../core/model/report.js';
import type { Window } from '../../formats/memory/types.js';
import { Base64Run } from '../core/base64-run.js';
import { publicRecord } from '../core/candidate.js';
import { Readings } from '../core/characters.js';
import { commentAfter } from '../core/names-beside.js';
import type { Detected, Detector, Hit, HitGroup, PublicRecord } from '../core/types.js';
import { type HitWindow, reachOf, windowsOf } from '../core/windows.js';
import { pem } from '../pem/pem.js';

/**
 * The structures around public keys that name their owners: certificates, and without their signature
 * TBSCertificates (OpenSSL keeps these bytes of each certificate in memory) and CertificationRequestInfos.
 */

/** Bytes from the start of a certificate to its key: names and validity, seldom above 1 KB. */
const MAX_BEFORE_KEY = 4096;
/** Starts tried for one key: a real structure has one between its start and its key. */
const MOST_STARTS = 4;
/** Octets of a header: two to four. */
const HEADERS = [4, 3, 2] as const;

/** Indices into a window's bytes. */
interface ByteRange {
  start: number;
  end: number;
}

/** `form` without a signature: start and end are those of the signed part. */
interface Enclosure extends ByteRange {
  form: CertificateFacts['form'];
}

/** Enclosures of the keys in one window, ascending. No byte is searched twice. */
class Enclosures {
  readonly #bytes: Uint8Array;
  readonly #starts: number[] = [];
  /** Starts before this index are known. */
  #searched = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The innermost structure whose SubjectPublicKeyInfo is at `key`. */
  of(key: number): Enclosure | undefined {
    this.#search(Math.max(this.#searched, key - MAX_BEFORE_KEY), key);
    for (const start of this.#starts.slice(-MOST_STARTS).reverse()) {
      if (key - start > MAX_BEFORE_KEY) return undefined;
      const found = certificateAround(this.#bytes, start, key) ?? unsignedAt(this.#bytes, start, key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /**
   * Finds where a TBSCertificate or CertificationRequestInfo may begin: a SEQUENCE that has a version
   * (`a0 03 02 01`) or an INTEGER and then a SEQUENCE. Nothing is allocated for a byte that is no such start:
   * 0x30 is also the digit 0.
   */
  #search(from: number, to: number): void {
    const bytes = this.#bytes;
    for (let at = from; at < to; at++) {
      if (bytes[at] !== TAG.sequence) continue;
      const octets = bytes[at + 1]!;
      const body = at + (octets < 0x80 ? 2 : octets - 0x80 + 2);
      if (octets <= 0x83 && (isVersioned(bytes, body) || isNumbered(bytes, body))) this.#starts.push(at);
    }
    this.#searched = to;
  }
}

/** The certificate whose TBSCertificate begins at `tbs`. */
function certificateAround(bytes: Uint8Array, tbs: number, key: number): Enclosure | undefined {
  for (const octets of HEADERS) {
    const at = tbs - octets;
    const outer = header(bytes, at, bytes.length);
    if (outer?.tag !== TAG.sequence || outer.start !== tbs) continue;
    const read = readCertificate(bytes, at);
    if (read?.spki.start === key) return { form: 'certificate', start: at, end: at + read.length };
  }
  return undefined;
}

function unsignedAt(bytes: Uint8Array, start: number, key: number): Enclosure | undefined {
  const read = readUnsigned(bytes, start);
  return read?.spki.start === key ? { form: read.form, start, end: start + read.length } : undefined;
}

const isVersioned = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0xa0 && bytes[at + 1] === 3 && bytes[at + 2] === TAG.integer && bytes[at + 3] === 1;

const isNumbered = (bytes: Uint8Array, at: number): boolean => {
  const length = bytes[at + 1]!;
  return bytes[at] === TAG.integer && length < 0x80 && bytes[at + 2 + length] === TAG.sequence;
};

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

/** Public points in the memory of a software TPM (libtpms in swtpm, and the reference implementation). */

/** TPM_ECC_CURVE (TPM 2.0 Library, part 2, 6.4). */
const CURVES: ReadonlyMap<number, string> = new Map([
  [3, 'P-256'],
  [4, 'P-384'],
  [5, 'P-521'],
]);

/** Bytes of `curveID`, `kdf.scheme` = TPM_ALG_NULL (part 2, 12.2.3.6), its empty details and padding. */
const PARAMETERS = 8;
/** Upper bound of a coordinate's buffer in bytes (MAX_ECC_KEY_BYTES); libtpms has 638 bits. */
const MAX_BUFFER = 128;

/** A point as its SubjectPublicKeyInfo, and where it ends. */
interface TpmPoint {
  spki: Uint8Array;
  end: number;
}

/** TPM2B_ECC_PARAMETER: UINT16 size, then the coordinate, big-endian. */
const coordinate = (bytes: Buffer, at: number, size: number): Buffer | undefined =>
  at + 2 + size <= bytes.length && bytes.readUInt16LE(at) === size
    ? bytes.subarray(at + 2, at + 2 + size)
    : undefined;

/** Start of the next coordinate: the buffer of the previous one is filled with zeros. */
function nextOf(bytes: Buffer, at: number): number {
  const last = Math.min(at + MAX_BUFFER, bytes.length - 1);
  let next = at;
  while (next < last && bytes[next] === 0) next++;
  return next;
}

/** Reads the TPMS_ECC_POINT after the end of TPMS_ECC_PARMS at `at`, from a little-endian machine. */
export function readTpmPoint(bytes: Uint8Array, at: number): TpmPoint | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (at + PARAMETERS + 2 > buffer.length) return undefined;
  const name = CURVES.get(buffer.readUInt16LE(at));
  const domain = DOMAINS.find((each) => each.name === name);
  return name === undefined || domain === undefined
    ? undefined
    : pointOf(buffer, at + PARAMETERS, domain, curveByName(name)!);
}

function pointOf(bytes: Buffer, at: number, domain: Domain, curve: Curve): TpmPoint | undefined {
  const x = coordinate(bytes, at, domain.size);
  if (x === undefined) return undefined;
  const second = nextOf(bytes, at + 2 + domain.size);
  const y = coordinate(bytes, second, domain.size);
  if (y === undefined || !isOnCurve(domain, toBigint(x), toBigint(y))) return undefined;
  return {
    spki: spkiEc(curve, Buffer.concat([Buffer.of(4), x, y])),
    end: second + 2 + domain.size,
  };
}

/** Public keys of SSH: the blob (RFC 4253, 6.6), and its base64 in `id_*.pub` or `known_hosts`. */

/** Anchors start with the length of the key type's name: base64 `AAAA`, or zero bytes. */
const sshPublicIsText = ({ anchor }: Hit): boolean => anchor[0] === 0x41;
const isSsh = ({ anchor }: Hit): boolean =>
  Buffer.from(anchor.buffer, anchor.byteOffset, 4).toString('latin1') === 'AAAA' ||
  (anchor[0] === 0 && anchor[1] === 0 && anchor[2] === 0);

/** `AAAAC3NzaC1lZDI1NTE5`: only ssh-ed25519 has a name of this length. */
const ED25519 = { at: 4, letter: 0x43 };
/**
 * Longest text of a key: RSA-16384; Ed25519 with every character escaped (`\u0041`). The bound keeps a flood
 * of prefixes linear.
 */
const MAX_LENGTH = { any: 2816, ed25519: 6 * 68 };
const maxLengthOf = ({ anchor }: Hit): number =>
  anchor[ED25519.at] === ED25519.letter ? MAX_LENGTH.ed25519 : MAX_LENGTH.any;

function* sshRecords({ window, hits }: HitWindow): Iterable<PublicRecord> {
  const readings = new Readings(window);
  let from = 0;
  for (const hit of hits) {
    if (hit.at < from) continue;
    if (!sshPublicIsText(hit)) {
      const key = hit.wide ? undefined : readSshPublicKey(window.bytes, hit.at);
      if (key === undefined) continue;
      from = hit.at + key.length;
      yield publicRecord(window, [hit.at, from], key.spki, 'ssh');
      continue;
    }
    for (const text of readings.of(hit)) {
      const start = text.indexOf(hit.at);
      const run = new Base64Run(text, start, start + maxLengthOf(hit));
      const key = readSshPublicKey(run.decode(0));
      if (key === undefined) continue;
      const end = run.endOf(0, key.length);
      from = text.byteOf(end);
      yield publicRecord(window, [text.byteOf(start), from], key.spki, 'ssh', {
        names: commentAfter(text, end),
      });
      break;
    }
  }
}
