import type { Reader } from '../../base/bytes/storage.js';
import type { EncodingName } from '../../base/encodings/encodings.js';
import type { KeyMaterial } from '../../model/key-material.js';
import type { Extent } from '../../model/report.js';

/** An array of numbers in a managed heap: where its elements lie, and the bytes of one. */
export interface HeapArray extends Extent {
  elementSize: number;
}

/** What the searches know of the artifact besides its numbers. */
export interface Artifact {
  reader: Reader;
  /** Set if all numbers lie in arrays of a managed heap: the array that an extent lies in, and near whose start. */
  arrayAround?(extent: Extent): HeapArray | undefined;
  /** True if an offset lies in the image of a program or library. */
  inModule?(offset: number): boolean;
}

/** A run of random-looking 8-byte words, as the entropy net gives it. */
export interface Run {
  /** File offset of its first word, in bytes; a multiple of 8 by address. */
  offset: number;
  words: number;
  /** It is one number, most significant byte first, or none: an array of integers in a heap dump. */
  whole?: boolean;
}

/** How whole words are read as an integer: what any run may be. */
export type WordReading = Extract<EncodingName, 'limbs-le' | 'bytes-be' | 'int32-msw'>;

/** Digits of 30 and 60 bits: CPython's int, libtommath. */
export type DigitReading = `digits${'30-le32' | '60-le64'}`;

/** How texts are: members of JSON Web Keys, hexadecimal digits. */
export type TextReading = Extract<EncodingName, 'base64url' | 'hex'>;

/** Digits of JavaScript's engines, 26 or 28 bits each. */
export type EngineReading = `v8-smi${28 | 26}${'' | 'c'}` | `v8-double${28 | 26}` | `jsc-int${28 | 26}`;

/** How the words of a run are read as an integer: in whole words, or in digits. */
export type Reading =
  | WordReading
  | DigitReading
  | TextReading
  | 'digits63-le64'
  | 'digits28-le32'
  | `${'limbs' | 'ints'}-be-hprof`
  | EngineReading;

/** A public half that the artifact shows, or that somebody asks for: a DER SubjectPublicKeyInfo. */
export interface PublicKey {
  spki: Uint8Array;
  /** Somebody asks whether its private half is here. */
  asked?: boolean;
  /** And has shown it: whoever looks for copies compares its numbers at every byte. */
  held?: boolean;
  /** The key of a public certificate authority, as any process that speaks TLS has them by the hundred: nothing is searched for it. */
  root?: boolean;
}

/** A token with a message authentication code: a JWT with HS256, HS384 or HS512 (RFC 7518, 3.2). */
export interface SignedToken {
  offset: number;
  /** Name of the hash, as node:crypto has it. */
  hash: string;
  /** Header, dot, payload: what is signed. */
  signed: Uint8Array;
  signature: Uint8Array;
}

/** A token with an ECDSA signature: a JWT with ES256, ES384, ES512 or ES256K (RFC 7518, 3.4; RFC 8812, 3.2). */
export interface CurveToken extends SignedToken {
  /** OpenSSL's name of the curve. */
  curve: string;
}

/** What the rest of the artifact says. */
export interface Context {
  publicKeys: readonly PublicKey[];
  tokens: readonly SignedToken[];
  curveTokens: readonly CurveToken[];
}

/** A private key, where the number stands that gives it. */
export interface NumberFound {
  material: KeyMaterial;
  place: Place;
  /** Statements that hold of the number. */
  evidence?: string[];
  /** What the number is, where it is no part of the key itself or the part has no name of its own. */
  component?: string;
  /** Its public half stands as a handshake sends it: made for one connection, unless something else speaks for it. */
  ephemeral?: boolean;
  /** Form of what stands there, where it is no integer. */
  encoding?: string;
  /** Some of it is lost. */
  partial?: boolean;
}

/** Where a number stands, and how it is read. */
export interface Place {
  /** File offset and length, in bytes. */
  offset: number;
  length: number;
  /** `mont-le`: limbs of the number times R, as Montgomery's multiplication wants it. */
  reading: Reading | 'mont-le';
}
