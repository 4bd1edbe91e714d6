import { WEI25519 } from '../../asn1/domain.js';
import { readSpki } from '../../asn1/spki.js';
import type { Kernel } from '../core/kernel.js';
import type { NumberSet } from '../core/number-set.js';
import type { PublicKey } from '../core/types.js';
import { WordIndex } from '../core/word-index.js';
import type { Look, WordProbe } from '../core/word-probe.js';
import {
  IKE_HEADER_BYTES,
  isIkeKeyExchange,
  isSshKeyExchange,
  isTlsKeyShare,
  SSH_REPLY_BYTES,
} from '../signatures/handshake-keys.js';
import { MAX_SCALARS } from './comb.js';
import {
  type Curve25519Key,
  EXPANDED,
  INTERPRETATIONS,
  type Interpretation,
} from './curve25519-interpretations.js';
import { curve25519PublicKeys } from './curve25519-public-keys.js';
import { KernelCurve } from './kernel-curve.js';

const SIZE = 32;
/** What stands before an Ed25519 key on SSH's wire (RFC 8709, section 4). */
const SSH_HEADER = Buffer.concat([Buffer.from('ssh-ed25519'), Buffer.of(0, 0, 0, SIZE)]);
/**
 * So few scalars are done by node:crypto (40 us each) before the kernel (5 us) has filled its table, which with code that is cold takes 8 ms: most files
 * have no more. Where files follow one another the table pays sooner or later, and is kept; from then on only what is not worth a call (0.5 ms).
 */
const TABLE_PAYS = 192;
const CALL_PAYS = 16;
/** Scalars that node:crypto has done in this process. */
let nativeCount = 0;

/** A private key of Curve25519 whose public half the dump shows. */
export interface Curve25519Found {
  material: Curve25519Key;
  index: number;
  /** Somebody wrote the public half as a key, or asks for it: no key of a single handshake. */
  written: boolean;
  /** The public half stands as a handshake sends it. */
  shared: boolean;
}

/** One number in one use, and the public half that belongs to it. */
interface PublicKeyEntry {
  index: number;
  use: Interpretation;
  shown: Buffer;
}

/** Numbers that are multiplied at once. */
const BLOCK = Math.floor(MAX_SCALARS / INTERPRETATIONS.length);

/** Halves in columns: a dense dump has sixty thousand. */
class PublicKeyTable {
  /** By the first word of the public half. */
  readonly index = new WordIndex();
  readonly #numbers: Uint32Array;
  readonly #uses: Uint8Array;
  readonly #shown: Buffer;

  constructor(most: number) {
    this.#numbers = new Uint32Array(most);
    this.#uses = new Uint8Array(most);
    this.#shown = Buffer.alloc(most * SIZE);
  }

  /** `use`: its place among USES. */
  add(index: number, use: number, shown: Buffer): void {
    const entry = this.index.length;
    this.#numbers[entry] = index;
    this.#uses[entry] = use;
    this.#shown.set(shown, entry * SIZE);
    this.index.add(shown.readBigUInt64LE());
  }

  /** Those that begin as the bytes at `at` do, with their entries. */
  *startingAs(bytes: Buffer, at: number): Generator<[number, PublicKeyEntry]> {
    for (const entry of this.index.entries(bytes.readBigUInt64LE(at)))
      yield [
        entry,
        {
          index: this.#numbers[entry]!,
          use: INTERPRETATIONS[this.#uses[entry]!]!,
          shown: this.#shown.subarray(entry * SIZE, (entry + 1) * SIZE),
        },
      ];
  }
}

/**
 * Curve25519 has no cheap test of what is a public key: every number is multiplied, then its public half is looked for at every
 * byte of the runs and among the public keys that are known. The sign bit of an Ed25519 key is as the dump has it.
 */
export class Curve25519Search {
  readonly #numbers: NumberSet;
  readonly #inDigits: boolean;
  readonly #halves: PublicKeyTable;
  /** By the entry of the half. */
  readonly #matches = new Map<number, Curve25519Found & { use: Interpretation }>();

  /** `inDigits`: the numbers stood so, and not as octets. */
  constructor(numbers: NumberSet, chosen: readonly number[], kernel: Kernel, inDigits = false) {
    [this.#numbers, this.#inDigits] = [numbers, inDigits];
    this.#halves = new PublicKeyTable(chosen.length * INTERPRETATIONS.length);
    if (chosen.length === 0) return;
    const curve = new KernelCurve(kernel, WEI25519);
    for (let done = 0; done < chosen.length; done += BLOCK)
      this.#multiply(chosen.slice(done, done + BLOCK), curve);
  }

  #multiply(chosen: readonly number[], curve: KernelCurve): void {
    const bytes = Buffer.alloc(chosen.length * INTERPRETATIONS.length * SIZE);
    const indices: number[] = [];
    const uses: number[] = [];
    for (const index of chosen) {
      const number = this.#numbers.at(index);
      for (const [use, { scalarOf }] of INTERPRETATIONS.entries()) {
        const scalar = this.#inDigits && use !== EXPANDED ? undefined : scalarOf(number);
        if (scalar === undefined) continue;
        bytes.set(scalar, indices.length * SIZE);
        indices.push(index);
        uses.push(use);
      }
    }
    const count = indices.length;
    const scalars = {
      bytes: bytes.subarray(0, count * SIZE),
      curveOf: (i: number) => INTERPRETATIONS[uses[i]!]!.curve,
    };
    const isFew = count <= CALL_PAYS || nativeCount + count <= TABLE_PAYS;
    if (isFew) nativeCount += count;
    const halfOf = curve25519PublicKeys(scalars, isFew ? undefined : curve);
    for (let i = 0; i < count; i++) {
      const shown = halfOf(i);
      if (shown) this.#halves.add(indices[i]!, uses[i]!, shown);
    }
  }

  /** Has all public halves looked for. */
  want(probe: WordProbe<Look>): void {
    const { index } = this.#halves;
    const has = (word: bigint) => index.has(word);
    probe.wantAll(index.words, has, ({ bytes, at, before, after }) => {
      if (after < SIZE) return;
      for (const [entry, half] of this.#halves.startingAs(bytes, at)) {
        const { curve } = half.use;
        const head = bytes.subarray(at - Math.min(before, SSH_HEADER.length), at);
        this.#match(entry, half, bytes.subarray(at, at + SIZE), {
          written: curve === 'Ed25519' && head.equals(SSH_HEADER),
          shared:
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

  /** Public keys that stand in the dump as such, or that somebody asks for. */
  addPublicKeys(publicKeys: readonly PublicKey[]): void {
    const shown = publicKeys.flatMap(({ spki }) => {
      const key = readSpki(spki)?.key;
      return key?.type === 'okp' && key.public.length === SIZE ? [key] : [];
    });
    for (const { curve, public: octets } of shown) this.#matchPublicKey(Buffer.from(octets), [curve]);
  }

  /** What may be the public half in a JSON Web Key, as it is written there (RFC 8037, section 2). */
  addTexts(texts: NumberSet): void {
    for (let i = 0; i < texts.length; i++) this.#matchPublicKey(texts.at(i), ['Ed25519', 'X25519']);
  }

  /** What may be y of a public key, in little-endian words: no key as it is written. */
  addCoordinates(numbers: NumberSet): void {
    for (let i = 0; i < numbers.length; i++) this.#matchPublicKey(numbers.at(i), ['Ed25519'], false);
  }

  #matchPublicKey(publicKey: Buffer, curves: readonly string[], written = true): void {
    for (const [entry, half] of this.#halves.startingAs(publicKey, 0))
      if (curves.includes(half.use.curve)) this.#match(entry, half, publicKey, { written, shared: false });
  }

  /**
   * Every key whose public half was seen. What was seen may be y alone, as a coordinate, or that of the negative point: of Ed25519 either sign of x is given, of
   * which the proof refuses one.
   */
  *found(): Generator<Curve25519Found> {
    const agreed = this.#x25519Indices();
    for (const { use, ...found } of this.#matches.values()) {
      const doubtful = use.ambiguous || (found.material.type === 'edwards-scalar' && agreed.has(found.index));
      if (doubtful && !found.written) continue;
      yield found;
      const { material } = found;
      if (use.curve === 'Ed25519' && material.public)
        yield { ...found, material: { ...material, public: negative(material.public) } };
    }
  }

  /**
   * The numbers that are scalars of X25519. Libraries that multiply on Edwards's curve, where it is faster, compute u from the y there
   * (RFC 7748, 4.1): that y is no public key of Ed25519.
   */
  #x25519Indices(): ReadonlySet<number> {
    const agreed = new Set<number>();
    for (const { use, index } of this.#matches.values()) if (use.curve === 'X25519') agreed.add(index);
    return agreed;
  }

  #match(
    entry: number,
    { index, use, shown }: PublicKeyEntry,
    publicKey: Buffer,
    how: Pick<Curve25519Found, 'written' | 'shared'>,
  ): void {
    if (!equalButSign(publicKey, shown)) return;
    const known = this.#matches.get(entry);
    if (known) {
      known.written ||= how.written;
      known.shared ||= how.shared;
      return;
    }
    const material = use.material(this.#numbers.at(index), Buffer.from(publicKey));
    this.#matches.set(entry, { material, index, use, ...how });
  }
}

/** The public key with the other x: its sign is the top bit (RFC 8032, 5.1.2). */
function negative(publicKey: Uint8Array): Buffer {
  const other = Buffer.from(publicKey);
  other[31]! ^= 128;
  return other;
}

/** Equal but for the top bit: the sign of x in an Ed25519 key, without meaning in one of X25519. */
function equalButSign(publicKey: Buffer, shown: Buffer): boolean {
  return publicKey.subarray(0, 31).equals(shown.subarray(0, 31)) && (publicKey[31]! & 127) === shown[31];
}
