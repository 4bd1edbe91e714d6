import type { NumberKernel } from '../core/kernel.js';
import { type Passes, probeRuns } from '../core/probe-runs.js';
import type { Piece, RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import { ecdhParamsBefore } from '../curves/handshakes/handshake-keys.js';

/** What is signed, besides data next to the signature. */
export type Over = 'exchange hash' | 'transcript hash' | 'randoms';

/** An ECDSA or EdDSA signature in the encoding of TLS or SSH, which does not identify the signer. */
export interface WireSignature {
  /** Index of its first byte. */
  at: number;
  protocol: 'TLS' | 'SSH';
  over: Over;
  type: 'ec' | 'ed25519' | 'ed448';
  /** The hash of the TLS signature scheme; SSH has one for each curve. */
  hash?: string;
  /** r and s of ECDSA without leading zeros, or the single string of EdDSA. */
  parts: readonly Buffer[];
  /** Signed after the randoms: ServerECDHParams (RFC 8422, 5.4). */
  parameters: Buffer;
}

type Named = Pick<WireSignature, 'type' | 'hash'>;

/**
 * SignatureSchemes (RFC 8446, 4.2.3); in TLS 1.2 one octet for the hash and one for the algorithm (RFC 8422,
 * 5.1.3).
 */
const SCHEMES: ReadonlyMap<number, Named> = new Map<number, Named>([
  [0x0203, { type: 'ec', hash: 'sha1' }],
  [0x0403, { type: 'ec', hash: 'sha256' }],
  [0x0503, { type: 'ec', hash: 'sha384' }],
  [0x0603, { type: 'ec', hash: 'sha512' }],
  [0x0807, { type: 'ed25519' }],
  [0x0808, { type: 'ed448' }],
]);

/** Octets of EdDSA's signatures (RFC 8032). */
const EDDSA_BYTES = { ed25519: 64, ed448: 114 } as const;
/**
 * Octets of r and s: those of the shortest curve with three leading zeros, up to P-521's with a sign octet.
 */
const HALF_BYTES = { least: 29, most: 67 };
const NONE = Buffer.alloc(0);
const CERTIFICATE_VERIFY = 15;
const INTEGER = 2;
const SEQUENCE = 0x30;

/** Bytes of a header that the probe examines, from its first one. */
const HEADER_BYTES = 7;

/** Places returned by one probe of the kernel. */
const MAX_HEADERS = 1024;

/** Addresses in the kernel: a header begins in [from, to); [least, most) can be read. */
export interface SearchBounds {
  from: number;
  to: number;
  least: number;
  most: number;
}

/** Finds signatures in the kernel's memory. */
export class WireSignatures {
  readonly #kernel: NumberKernel;
  readonly #heads: number;

  constructor(kernel: NumberKernel) {
    this.#kernel = kernel;
    this.#heads = kernel.allocate(MAX_HEADERS * 4);
  }

  /** Pieces of runs that contain a possible header, from `first` bytes of the run on. */
  *pieces(
    bytes: RunBytes,
    runs: RunList,
    range: Required<Pick<Passes, 'least' | 'most' | 'first'>>,
  ): Generator<Piece> {
    const { signatureHeads } = this.#kernel.call;
    let last: Piece | undefined;
    for (const { piece } of probeRuns(this.#kernel, bytes, runs, {
      ...{ ...range, last: -1, width: HEADER_BYTES },
      probe: (at, length, hits, most) => signatureHeads(at, at + length, hits, most),
    })) {
      if (piece !== last) yield piece;
      last = piece;
    }
  }

  /** Signatures whose header begins in [from, to). */
  in({ from, to, least, most }: SearchBounds): WireSignature[] {
    const found: WireSignature[] = [];
    const end = Math.min(to, most - EDDSA_BYTES.ed25519);
    for (let start = Math.max(from, least); start < end; ) {
      const count = this.#kernel.call.signatureHeads(start, end, this.#heads, MAX_HEADERS);
      if (count === 0) break;
      const places = this.#kernel.u32(this.#heads, count);
      const bytes = this.#kernel.view(0, most);
      for (const distance of places) {
        const at = start + distance;
        found.push(...(bytes[at] === 0 ? sshSignatures : tlsSignatures)(bytes, at, least));
      }
      start += places[count - 1]! + 1;
    }
    return found;
  }
}

/** A scheme, a length in two octets and the signature. */
function* tlsSignatures(bytes: Buffer, at: number, least: number): Generator<WireSignature> {
  const named = SCHEMES.get(bytes.readUInt16BE(at));
  if (named === undefined) return;
  const length = bytes.readUInt16BE(at + 2);
  const start = at + 4;
  const signature = bytes.subarray(start, start + length);
  if (signature.length < length || length < EDDSA_BYTES.ed25519) return;
  const parts = named.type === 'ec' ? halvesOfDer(signature) : [signature];
  if (parts === undefined || (named.type !== 'ec' && length !== EDDSA_BYTES[named.type])) return;
  const signed = signedBefore(bytes, at, length, least);
  if (signed) yield { ...named, ...signed, at: start, protocol: 'TLS', parts: parts.map(copyOf) };
}

/** CertificateVerify of TLS 1.3 (RFC 8446, 4.4.3), or ServerKeyExchange of TLS 1.2. */
function signedBefore(
  bytes: Buffer,
  at: number,
  length: number,
  least: number,
): Pick<WireSignature, 'over' | 'parameters'> | undefined {
  if (at - 4 >= least && bytes[at - 4] === CERTIFICATE_VERIFY && bytes.readUIntBE(at - 3, 3) === length + 4)
    return { over: 'transcript hash', parameters: NONE };
  const share = ecdhParamsBefore(bytes, at, least);
  return share === undefined
    ? undefined
    : { over: 'randoms', parameters: copyOf(bytes.subarray(at - share, at)) };
}

/**
 * `string (mpint r, mpint s)` (RFC 5656, 3.1.2), whose length is at `at`; or a name and a string (RFC 8709,
 * 6).
 */
function* sshSignatures(bytes: Buffer, at: number, least: number): Generator<WireSignature> {
  const length = bytes[at + 3]!;
  const start = at + 4;
  const shared = { protocol: 'SSH', over: 'exchange hash', parameters: NONE } as const;
  for (const type of ['ed25519', 'ed448'] as const) {
    const name = `ssh-${type}`;
    if (length !== EDDSA_BYTES[type] || at - name.length < least || start + length > bytes.length) continue;
    if (bytes.toString('latin1', at - name.length, at) === name)
      yield { ...shared, type, at: start, parts: [copyOf(bytes.subarray(start, start + length))] };
  }
  const both = bytes.subarray(start, start + length);
  if (both.length < length || length < 2 * (4 + HALF_BYTES.least)) return;
  const r = integerAt(both, 3, both.readUIntBE(0, 3) === 0);
  const s =
    r && r.end + 4 <= length ? integerAt(both, r.end + 3, both.readUIntBE(r.end, 3) === 0) : undefined;
  if (s?.end === length)
    yield { ...shared, type: 'ec', at: start, parts: [r!, s].map(({ value }) => copyOf(value)) };
}

/** r and s of an Ecdsa-Sig-Value (RFC 3279, 2.2.3) that fills `der`. */
function halvesOfDer(der: Buffer): Buffer[] | undefined {
  const front = der[1] === 0x81 ? 3 : 2;
  if (der[0] !== SEQUENCE || der[front - 1] !== der.length - front) return undefined;
  const r = integerAt(der, front + 1, der[front] === INTEGER);
  const s = r && integerAt(der, r.end + 1, der[r.end] === INTEGER);
  return s?.end === der.length ? [r!.value, s.value] : undefined;
}

/** A positive integer after its length in one octet, minimally encoded. */
function integerAt(bytes: Buffer, at: number, isHeaded: boolean): { value: Buffer; end: number } | undefined {
  const length = bytes[at] ?? 0;
  const end = at + 1 + length;
  if (!isHeaded || length < HALF_BYTES.least || length > HALF_BYTES.most || end > bytes.length)
    return undefined;
  const value = bytes.subarray(at + 1, end);
  if (value[0]! >= 0x80 || (value[0] === 0 && value[1]! < 0x80)) return undefined;
  return { value: value[0] === 0 ? value.subarray(1) : value, end };
}

const copyOf = (bytes: Buffer): Buffer => Buffer.from(bytes);
