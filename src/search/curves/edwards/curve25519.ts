import { WEI25519 } from '../../../core/asn1/domain.js';
import { readSpki } from '../../../core/asn1/spki.js';
import { Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import type { NumberKernel } from '../../core/kernel.js';
import type { NumberSet } from '../../core/number-set.js';
import type { SearchedPublicKey } from '../../core/types.js';
import { WordIndex } from '../../core/word-index.js';
import type { WordHandler, WordProbe } from '../../core/word-probe.js';
import {
  IKE_HEADER_BYTES,
  isIkeKeyExchange,
  isSshKeyExchange,
  isTlsKeyShare,
  SSH_REPLY_BYTES,
} from '../handshakes/handshake-keys.js';
import { MAX_SCALARS } from '../points/comb.js';
import { KernelCurve } from '../points/kernel-curve.js';
import {
  type Curve25519Key,
  EXPANDED,
  INTERPRETATIONS,
  type Interpretation,
} from './curve25519-interpretations.js';
import { curve25519PublicKeys } from './curve25519-public-keys.js';

const SIZE = 32;
/** Header of an Ed25519 key in SSH's encoding (RFC 8709, section 4). */
const SSH_HEADER = Buffer.concat([Buffer.from('ssh-ed25519'), Buffer.of(0, 0, 0, SIZE)]);
/**
 * Up to this many scalars in a process, node:crypto (40 us each) is faster than the kernel (5 us each, and 8
 * ms for its table with cold code); most files have no more. Over many files the table pays off.
 */
const TABLE_PAYS = 192;
/** Up to this many scalars a kernel call (0.5 ms) does not pay off, even if the table exists. */
const CALL_PAYS = 16;
/** Scalars multiplied by node:crypto in this process. */
let nativeCount = 0;

/** A private key of Curve25519 whose public key is in the dump. */
export interface Curve25519Found {
  material: Curve25519Key;
  index: number;
  /** The public key is encoded as a key or is a --find target, so it is not the key of a single handshake. */
  written: boolean;
  /** The public key is part of a handshake message. */
  inHandshake: boolean;
}

/** One number in one interpretation, and its public key. */
interface PublicKeyEntry {
  index: number;
  interpretation: Interpretation;
  publicKey: Buffer;
}

/** Public keys that are looked up between two pauses. */
const PACE = 256;
/** Numbers multiplied at once. */
const BLOCK = Math.floor(MAX_SCALARS / INTERPRETATIONS.length);

/** Public keys of numbers, in columns: a dense dump has sixty thousand. */
class PublicKeyTable {
  /** Public keys by their first word. */
  readonly index = new WordIndex();
  #numbers = new Uint32Array(0);
  #interpretations = new Uint8Array(0);
  #publicKeys = Buffer.alloc(0);

  /** Makes room for more entries. */
  reserve(more: number): void {
    const most = this.index.length + more;
    if (most <= this.#numbers.length) return;
    const [numbers, interpretations, publicKeys] = [this.#numbers, this.#interpretations, this.#publicKeys];
    this.#numbers = new Uint32Array(most);
    this.#numbers.set(numbers);
    this.#interpretations = new Uint8Array(most);
    this.#interpretations.set(interpretations);
    this.#publicKeys = Buffer.concat([publicKeys], most * SIZE);
  }

  /** `interpretation`: index in INTERPRETATIONS. */
  add(index: number, interpretation: number, publicKey: Buffer): void {
    const entry = this.index.length;
    this.#numbers[entry] = index;
    this.#interpretations[entry] = interpretation;
    this.#publicKeys.set(publicKey, entry * SIZE);
    this.index.add(publicKey.readBigUInt64LE());
  }

  /** Entries whose first word is the one at `at`. */
  *startingAs(bytes: Buffer, at: number): Generator<[number, PublicKeyEntry]> {
    for (const entry of this.index.entries(bytes.readBigUInt64LE(at)))
      yield [
        entry,
        {
          index: this.#numbers[entry]!,
          interpretation: INTERPRETATIONS[this.#interpretations[entry]!]!,
          publicKey: this.#publicKeys.subarray(entry * SIZE, (entry + 1) * SIZE),
        },
      ];
  }
}

/**
 * Searches for keys of Curve25519. Nearly any 32 bytes are a valid public key, so there is no cheap filter:
 * every number is multiplied, and its public key is searched for at every byte of the runs and among the
 * known public keys. The sign bit of an Ed25519 key is taken from the dump.
 */
export class Curve25519Search {
  readonly #numbers: NumberSet;
  readonly #inDigits: boolean;
  readonly #kernel: NumberKernel;
  #curve: KernelCurve | undefined;
  readonly #table = new PublicKeyTable();
  readonly #pace = new Pace(PACE);
  /** Matches by their entry in the table. */
  readonly #matches = new Map<number, Curve25519Found & { interpretation: Interpretation }>();
  /** Public keys of the matches. */
  readonly #solved = new Set<string>();

  /** `inDigits`: the numbers come from digits of a JavaScript engine. */
  constructor(numbers: NumberSet, kernel: NumberKernel, inDigits = false) {
    [this.#numbers, this.#kernel, this.#inDigits] = [numbers, kernel, inDigits];
  }

  /** Adds the numbers at some indices of the set. */
  *add(chosen: readonly number[]): Pausing<never> {
    if (chosen.length === 0) return;
    this.#table.reserve(chosen.length * INTERPRETATIONS.length);
    this.#curve ??= new KernelCurve(this.#kernel, WEI25519);
    for (let done = 0; done < chosen.length; done += BLOCK) {
      this.#multiply(chosen.slice(done, done + BLOCK), this.#curve);
      yield;
    }
  }

  /** Takes public keys of numbers of the set that were multiplied elsewhere, in columns. */
  take(
    {
      indices,
      interpretations,
      values,
    }: { indices: Uint32Array; interpretations: Uint8Array; values: Uint8Array },
    numbers: Uint32Array,
  ): void {
    const publicKeys = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    this.#table.reserve(indices.length);
    for (const [k, index] of indices.entries())
      this.#table.add(numbers[index]!, interpretations[k]!, publicKeys.subarray(k * SIZE, (k + 1) * SIZE));
  }

  #multiply(chosen: readonly number[], curve: KernelCurve): void {
    const bytes = Buffer.alloc(chosen.length * INTERPRETATIONS.length * SIZE);
    const indices: number[] = [];
    const interpretations: number[] = [];
    for (const index of chosen) {
      const number = this.#numbers.at(index);
      for (const [interpretation, { scalarOf }] of INTERPRETATIONS.entries()) {
        const scalar = this.#inDigits && interpretation !== EXPANDED ? undefined : scalarOf(number);
        if (scalar === undefined) continue;
        bytes.set(scalar, indices.length * SIZE);
        indices.push(index);
        interpretations.push(interpretation);
      }
    }
    const count = indices.length;
    const scalars = {
      bytes: bytes.subarray(0, count * SIZE),
      curveOf: (i: number) => INTERPRETATIONS[interpretations[i]!]!.curve,
    };
    const isFew = count <= CALL_PAYS || nativeCount + count <= TABLE_PAYS;
    if (isFew) nativeCount += count;
    const publicKeyOf = curve25519PublicKeys(scalars, isFew ? undefined : curve);
    for (let i = 0; i < count; i++) {
      const publicKey = publicKeyOf(i);
      if (publicKey) this.#table.add(indices[i]!, interpretations[i]!, publicKey);
    }
  }

  /** Searches for all public keys. */
  registerWith(probe: WordProbe<WordHandler>): void {
    const { index } = this.#table;
    const has = (word: bigint) => index.has(word);
    probe.addColumn(index.words, has, ({ bytes, at, before, after }) => {
      if (after < SIZE) return;
      for (const [entry, key] of this.#table.startingAs(bytes, at)) {
        const { curve } = key.interpretation;
        const head = bytes.subarray(at - Math.min(before, SSH_HEADER.length), at);
        this.#match(entry, key, bytes.subarray(at, at + SIZE), {
          written: curve === 'Ed25519' && head.equals(SSH_HEADER),
          inHandshake:
            (before >= 5 && isTlsKeyShare(bytes, at, SIZE, curve)) ||
            (before >= IKE_HEADER_BYTES && isIkeKeyExchange(bytes, at, SIZE, curve)) ||
            (curve === 'X25519' &&
              before >= 5 &&
              after >= SIZE + SSH_REPLY_BYTES &&
              isSshKeyExchange(bytes, at, SIZE)),
        });
      }
    });
  }

  /** Public keys encoded in the dump, and --find targets. */
  *addPublicKeys(publicKeys: readonly SearchedPublicKey[]): Pausing<never> {
    for (const { spki } of publicKeys) {
      if (this.#pace.isDue()) yield;
      const key = readSpki(spki)?.key;
      if (key?.type === 'okp' && key.public.length === SIZE)
        this.#matchPublicKey(Buffer.from(key.public), [key.curve]);
    }
  }

  /** Texts that may be the public key of a JSON Web Key (RFC 8037, section 2). */
  *addTexts(texts: NumberSet): Pausing<never> {
    for (let i = 0; i < texts.length; i++) {
      if (this.#pace.isDue()) yield;
      this.#matchPublicKey(texts.at(i), ['Ed25519', 'X25519']);
    }
  }

  /** Numbers in little-endian words that may be y of a public key. They do not count as written keys. */
  *addCoordinates(numbers: NumberSet): Pausing<never> {
    for (let i = 0; i < numbers.length; i++) {
      if (this.#pace.isDue()) yield;
      this.#matchPublicKey(numbers.at(i), ['Ed25519'], false);
    }
  }

  /** True if a number has this public key. */
  solves(publicKey: Buffer): boolean {
    return this.#solved.has(publicKey.toString('latin1'));
  }

  #matchPublicKey(publicKey: Buffer, curves: readonly string[], written = true): void {
    for (const [entry, key] of this.#table.startingAs(publicKey, 0))
      if (curves.includes(key.interpretation.curve))
        this.#match(entry, key, publicKey, { written, inHandshake: false });
  }

  /**
   * Every key whose public key was found. The match may be y alone, as a coordinate, or the key of the
   * negative point; so for Ed25519 both signs of x are returned, and the proof rejects one.
   */
  *found(): Generator<Curve25519Found> {
    const x25519 = this.#x25519Indices();
    for (const { interpretation, ...found } of this.#matches.values()) {
      const doubtful =
        interpretation.ambiguous || (found.material.type === 'edwards-scalar' && x25519.has(found.index));
      if (doubtful && !found.written) continue;
      yield found;
      const { material } = found;
      if (interpretation.curve === 'Ed25519' && material.public)
        yield { ...found, material: { ...material, public: negative(material.public) } };
    }
  }

  /**
   * Numbers that are scalars of X25519. Libraries that multiply on the faster Edwards curve compute u from y
   * there (RFC 7748, 4.1); such a y is not a public key of Ed25519.
   */
  #x25519Indices(): ReadonlySet<number> {
    const matches = [...this.#matches.values()];
    return new Set(
      matches.filter(({ interpretation }) => interpretation.curve === 'X25519').map(({ index }) => index),
    );
  }

  #match(
    entry: number,
    { index, interpretation, publicKey: computed }: PublicKeyEntry,
    publicKey: Buffer,
    how: Pick<Curve25519Found, 'written' | 'inHandshake'>,
  ): void {
    if (!equalButSign(publicKey, computed)) return;
    const known = this.#matches.get(entry);
    if (known) {
      known.written ||= how.written;
      known.inHandshake ||= how.inHandshake;
      return;
    }
    const material = interpretation.material(this.#numbers.at(index), Buffer.from(publicKey));
    this.#matches.set(entry, { material, index, interpretation, ...how });
    if (material.public) this.#solved.add(Buffer.from(material.public).toString('latin1'));
  }
}

/** The public key of the point with the other x: its sign is the top bit (RFC 8032, 5.1.2). */
function negative(publicKey: Uint8Array): Buffer {
  const other = Buffer.from(publicKey);
  other[31]! ^= 128;
  return other;
}

/** Equal except for the top bit: the sign of x in an Ed25519 key, ignored in one of X25519. */
function equalButSign(publicKey: Buffer, computed: Buffer): boolean {
  return (
    publicKey.subarray(0, 31).equals(computed.subarray(0, 31)) && (publicKey[31]! & 127) === computed[31]
  );
}
