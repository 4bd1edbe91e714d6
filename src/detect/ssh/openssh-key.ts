import { CURVES } from '../../core/asn1/curves.js';
import { isRecoverable } from '../../core/asn1/pkcs1.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { OPENSSH_MAGIC, SshReader, sshString } from '../../core/base/crypto/ssh-wire.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { keyName, keyNames } from '../../core/model/key-names.js';
import {
  type DetectedSecret,
  describeEncrypted,
  describeMaterial,
  type KeyFound,
} from '../core/candidate.js';
import { mpints, type SshMaterial, sshAlgorithm, sshDsa, sshEc, sshRsa } from './ssh-material.js';

/** OpenSSH's private key format (PROTOCOL.key in its sources). */

export interface OpenSshRead {
  /** Index after the last byte read. */
  end: number;
  whole: boolean;
  algorithm: string;
  material?: SshMaterial;
  /** Only of an encrypted key. */
  ciphertext?: Uint8Array;
  evidence: string[];
  /** The two check words differ. */
  mismatch: boolean;
  comment?: string;
}

type Parts = { material: SshMaterial; whole: boolean } | undefined;

const whole = (material: SshMaterial | undefined): Parts => material && { material, whole: true };

/** Readers of the private fields by key type, in the order of sshkey_private_serialize (sshkey.c). */
const readers: Readonly<Record<string, (wire: SshReader) => Parts>> = {
  'ssh-rsa': (wire) => {
    const [n, e, d, qinv, p, q] = mpints(wire, 6);
    if (n === undefined || e === undefined) return undefined;
    const material = sshRsa({ n, e, d, qinv, p, q });
    return isRecoverable(material) ? { material, whole: !wire.failed } : undefined;
  },
  'ssh-dss': (wire) => whole(sshDsa(mpints(wire, 5))),
  'ssh-ed25519': (wire) => {
    const pub = wire.string();
    // The seed, then the public key again: a truncated key may still have the seed.
    const length = wire.uint32();
    if (pub?.length !== 32 || length !== 64 || wire.at + 32 > wire.bytes.length) return undefined;
    const seed = new Secret(wire.bytes.subarray(wire.at, wire.at + 32));
    const whole = wire.at + 64 <= wire.bytes.length;
    wire.at = Math.min(wire.at + 64, wire.bytes.length);
    return { material: { type: 'okp', curve: 'Ed25519', seed, public: Uint8Array.from(pub) }, whole };
  },
  ...Object.fromEntries(
    CURVES.filter(({ ssh }) => ssh !== undefined).map((curve) => [
      `ecdsa-sha2-${curve.ssh}`,
      (wire: SshReader): Parts => {
        const [inside, point, d] = [wire.name(), wire.string(), wire.mpint()];
        return inside === curve.ssh ? whole(sshEc(curve, point, d)) : undefined;
      },
    ]),
  ),
};

/** Suffix of a key type with a certificate (PROTOCOL.certkeys). */
const CERTIFIED = '-cert-v01@openssh.com';

/**
 * The fields of a certified key in the order of a plain one. The key does not repeat the public fields of its
 * certificate, and an RSA certificate has e before n.
 */
function withCertified(type: string, wire: SshReader): SshReader | undefined {
  const certificate = wire.string();
  if (certificate === undefined) return undefined;
  const inside = new SshReader(certificate);
  inside.name();
  inside.string(); // nonce
  const strings = (count: number) => Array.from({ length: count }, () => inside.string());
  const parts = type === 'ssh-rsa' ? strings(2).reverse() : type.startsWith('ecdsa-') ? strings(2) : [];
  if (inside.failed || parts.some((part) => part === undefined)) return undefined;
  const rest = wire.bytes.subarray(wire.at);
  return new SshReader(Buffer.concat([...parts.map((part) => sshString(part!)), rest]));
}

/** Reads key type and fields at `at` of the private section. */
function readParts(bytes: Uint8Array, at: number): (Parts & { end: number; algorithm: string }) | undefined {
  const wire = new SshReader(bytes, at);
  const name = wire.name();
  if (name === undefined) return undefined;
  const certified = name.endsWith(CERTIFIED);
  const type = certified ? name.slice(0, -CERTIFIED.length) : name;
  const own = certified ? withCertified(type, wire) : wire;
  const parts = own && readers[type]?.(own);
  if (parts === undefined || own === undefined) return undefined;
  // `own` of a certified key begins with the fields of its certificate.
  const end = certified ? bytes.length - (own.bytes.length - own.at) : own.at;
  return { ...parts, end, algorithm: sshAlgorithm(type) };
}

/** Reads a bare private key, as sshkey_private_serialize writes it. */
export function readSerialised(bytes: Uint8Array): { material: SshMaterial; end: number } | undefined {
  const parts = readParts(bytes, 0);
  return parts?.whole ? { material: parts.material, end: parts.end } : undefined;
}

/** The comment, if it and the padding 1, 2, 3 … fill the rest of the section. */
function commentOf(bytes: Uint8Array, at: number): string | undefined {
  const wire = new SshReader(bytes, at);
  const comment = wire.string();
  const isFilled = bytes.subarray(wire.at).every((byte, i) => byte === ((i + 1) & 0xff));
  return comment && isFilled ? Buffer.from(comment).toString('utf8') : undefined;
}

/** Reads the key whose magic is at `at`, whole or truncated; undefined if no secret is left. */
export function readOpenSsh(bytes: Uint8Array, at = 0): OpenSshRead | undefined {
  if (OPENSSH_MAGIC.some((byte, i) => bytes[at + i] !== byte)) return undefined;
  const wire = new SshReader(bytes, at + OPENSSH_MAGIC.length);
  return readAfterCipher(wire.name(), wire);
}

/** The cipher name of an unencrypted key. */
const NONE = 'none';

/**
 * Reads a key from its cipher name `none` at `at`: `free` overwrites the first 16 bytes, which are the magic.
 */
export function readOpenSshRest(bytes: Uint8Array, at: number): OpenSshRead | undefined {
  const read = readAfterCipher(NONE, new SshReader(bytes, at + NONE.length));
  return read && { ...read, whole: false };
}

function readAfterCipher(cipher: string | undefined, wire: SshReader): OpenSshRead | undefined {
  const { bytes } = wire;
  const kdf = wire.name();
  wire.string();
  const count = wire.uint32();
  const blob = wire.string();
  const length = wire.uint32();
  if (kdf === undefined || count !== 1 || blob === undefined || length === undefined) return undefined;
  const type = new SshReader(blob).name();
  if (type === undefined || length > 1 << 20) return undefined;
  const start = wire.at;
  const end = start + length;
  if (cipher !== NONE) return readEncrypted(bytes, start, end, cipher!, sshAlgorithm(type));
  const section = bytes.subarray(start, Math.min(end, bytes.length));
  const checks = new SshReader(section);
  const [one, two] = [checks.uint32(), checks.uint32()];
  if (two === undefined) return undefined;
  const parts = readParts(section, 8);
  if (parts === undefined) return undefined;
  const inside = end <= bytes.length;
  const comment = inside && parts.whole ? commentOf(section, parts.end) : undefined;
  const whole = comment !== undefined;
  return {
    end: whole ? end : start + parts.end,
    whole,
    algorithm: parts.algorithm,
    material: parts.material,
    evidence: one === two ? ['the two check words of the OpenSSH key are equal'] : [],
    mismatch: one !== two,
    ...definedFields({ comment }),
  };
}

/** AEAD ciphers append a tag of 16 bytes. */
function readEncrypted(
  bytes: Uint8Array,
  start: number,
  end: number,
  cipher: string,
  algorithm: string,
): OpenSshRead | undefined {
  const tag = /gcm|poly1305/.test(cipher) ? 16 : 0;
  const stop = Math.min(end + tag, bytes.length);
  if (stop - start < 16) return undefined;
  return {
    end: stop,
    whole: end + tag <= bytes.length,
    algorithm,
    ciphertext: bytes.subarray(start, stop),
    evidence: [],
    mismatch: false,
  };
}

const TYPES = Object.keys(readers).map((name) => Buffer.from(name, 'latin1'));

/** Reads the private section of a key whose front is lost, starting at its key type. */
export function readOpenSshTail(bytes: Uint8Array): (OpenSshRead & { start: number }) | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const type of TYPES) {
    const at = buffer.lastIndexOf(type) - 4;
    const parts = at < 0 ? undefined : readParts(bytes, at);
    if (parts === undefined) continue;
    const { material, end, algorithm } = parts;
    return { start: at, end, whole: false, algorithm, material, evidence: [], mismatch: false };
  }
  return undefined;
}

const MISMATCH = 'the two check words differ: the key is damaged';

/** Kind, title, secret and notes of an OpenSSH key. */
export function describeOpenSsh(read: OpenSshRead): KeyFound & Pick<DetectedSecret, 'evidence' | 'names'> {
  const { material, ciphertext, whole, evidence, mismatch } = read;
  if (material === undefined)
    return {
      ...describeEncrypted(`encrypted OpenSSH private key (${read.algorithm})`, ciphertext!),
      evidence,
    };
  const described = describeMaterial(material, whole, mismatch ? [MISMATCH] : []);
  const names = keyNames([], keyName(read.comment));
  return { ...described, ...definedFields({ confidence: mismatch ? 'low' : undefined }), evidence, names };
}
