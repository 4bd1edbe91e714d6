import { header, TAG } from '../../core/asn1/der.js';
import { readCertificate, readUnsigned } from '../../core/asn1/x509.js';
import type { CertificateFacts } from '../../core/model/report.js';

/**
 * The structures around public keys that name their owners: certificates, and without their signature
 * TBSCertificates (OpenSSL keeps these bytes of each certificate in memory) and CertificationRequestInfos.
 */

/** Bytes from the start of a certificate to its key: names and validity, seldom above 1 KB. */
export const MAX_BEFORE_KEY = 4096;
/** Starts tried for one key: a real structure has one between its start and its key. */
const MOST_STARTS = 4;
/** Octets of a header: two to four. */
const HEADERS = [4, 3, 2] as const;

/** Indices into a window's bytes. */
export interface ByteRange {
  start: number;
  end: number;
}

/** `form` without a signature: start and end are those of the signed part. */
export interface Enclosure extends ByteRange {
  form: CertificateFacts['form'];
}

/** Enclosures of the keys in one window, ascending. No byte is searched twice. */
export class Enclosures {
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
