import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { EncodingName } from '../../core/encodings/encodings.js';
import type { SearchedForm } from '../../core/encodings/number-forms.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import type { Extent } from '../../core/model/report.js';
import type { HeapArray } from '../../formats/memory/types.js';
import type { Foreign } from './foreign.js';
import type { MacThreads } from './mac-threads.js';

/** What the searches know of the artifact besides its numbers. */
export interface SearchedArtifact {
  reader: ByteReader;
  /**
   * Set if all numbers lie in arrays of a managed heap: the array that an extent lies in, and near whose
   * start.
   */
  arrayAround?(extent: Extent): HeapArray | undefined;
  /** True if an offset lies in the image of a program or library. */
  inModule?(offset: number): boolean;
}

/** A run of random-looking 8-byte words, from the entropy net. */
export interface Run {
  /** File offset of its first word, in bytes; a multiple of 8 by address. */
  offset: number;
  words: number;
  /** An array of integers in a heap dump: one big-endian number, or none. */
  whole?: boolean;
}

/** Encodings in whole words. */
export type WordEncoding = Extract<SearchedForm, 'limbs-le' | 'bytes-be' | 'int32-msw'>;

/** Encodings in digits of 30 and 60 bits: CPython's int, libtommath. */
export type DigitEncoding = Extract<SearchedForm, 'digits30-le32' | 'digits60-le64'>;

/** Encodings in texts: members of JSON Web Keys, hexadecimal. */
export type TextEncoding = Extract<EncodingName, 'base64url' | 'hex'>;

/** Encodings of JavaScript engines in digits of 26 or 28 bits. */
export type JsEngineEncoding = Extract<SearchedForm, `v8-${string}` | `jsc-${string}`>;

/** Encodings of an integer in memory. */
export type IntegerEncoding = SearchedForm | TextEncoding;

/** A public key of the artifact or a target of `--find`, as DER SubjectPublicKeyInfo. */
export interface SearchedPublicKey {
  spki: Uint8Array;
  /** A target of `--find`. */
  isTarget?: boolean;
  /** A target given by its private half: the sweep for copies compares its numbers at every byte. */
  isTargetHeld?: boolean;
  /**
   * A public certificate authority: nothing is searched for it, since every TLS process has hundreds of them.
   */
  isPublicRoot?: boolean;
  /** It is foreign, as far as the sweep has shown. */
  foreign?: Foreign;
  /** File offsets of some places of it in the artifact. */
  places?: readonly number[];
}

/** A token with a message authentication code: a JWT with HS256, HS384 or HS512 (RFC 7518, 3.2). */
export interface SignedToken {
  offset: number;
  /** Name of the hash, as node:crypto has it. */
  hash: string;
  /** Header, dot, payload. */
  signed: Uint8Array;
  signature: Uint8Array;
  /** Bytes of the token in the file, if it is not in ASCII. */
  length?: number;
  /** Offsets of some further copies. */
  others?: readonly number[] | undefined;
  /** The same object for tokens with one algorithm, key and issuer, and a digest of the text, if known. */
  group?: object;
  digest?: string;
}

/**
 * A token with an ECDSA signature: a JWT with ES256, ES384, ES512 or ES256K (RFC 7518, 3.4; RFC 8812, 3.2).
 */
export interface CurveToken extends SignedToken {
  /** OpenSSL's name of the curve. */
  curve: string;
}

/** Identities of the artifact, and targets. */
export interface SearchFacts {
  publicKeys: readonly SearchedPublicKey[];
  tokens: readonly SignedToken[];
  curveTokens: readonly CurveToken[];
  /** For trials of keys on tokens; without them all are on this thread. */
  threads?: MacThreads;
}

/** A private key, at the number that led to it. */
export interface NumberFound {
  material: KeyMaterial;
  place: FilePlace;
  /** Statements on the number. */
  evidence?: string[];
  /** Name of the number, if it is no part of the key or the part has no name of its own. */
  component?: string;
  /**
   * Its public half is there as a handshake sends it: made for one connection, unless there is other
   * evidence.
   */
  ephemeral?: boolean;
  /** Why the number may be a nonce and no key, unless its public half is written as a key. */
  doubt?: string;
  /** Offset of a token that the key has signed. */
  signed?: number;
  /** Encoding, if it is no integer. */
  encoding?: string;
  /** Some bytes are lost. */
  partial?: boolean;
}

/** Place and encoding of a number. */
export interface FilePlace {
  /** File offset and length, in bytes. */
  offset: number;
  length: number;
  /** `mont-le`: limbs of the number in Montgomery form (times R). */
  reading: IntegerEncoding | 'mont-le';
}
