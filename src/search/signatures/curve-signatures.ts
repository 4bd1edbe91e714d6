import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { curveByName } from '../../asn1/curves.js';
import { readSpki } from '../../asn1/spki.js';
import { padded } from '../../base/bytes/integers.js';
import { Pace, type Pausing } from '../../base/runtime/turns.js';
import type { RunList } from '../core/run-list.js';
import type { SearchContext } from '../core/search-context.js';
import { WorkBudget } from '../core/work-budget.js';
import type { MadeSignature } from './rsa-signatures.js';
import { labelEnd, MESSAGES, SIGNED_WORDS, SignedNumbers } from './signed-numbers.js';
import { type WireSignature, WireSignatures } from './wire-signatures.js';

/**
 * Signatures tried (a process with more is a store of them), labelled numbers, and the bound on either
 * without a budget.
 */
const MAX_CANDIDATES = { signatures: 256, labelled: 64, deep: 1 << 16 };
/** Word products for verifications: one second. */
const VERIFICATION_BUDGET = 400_000_000;
/** Words of the runs that may contain a signature. */
const RUN_WORDS = { least: 3, most: 96 };
/** Bytes of a signature that may precede its run: its header, and words that look random only by chance. */
const MAX_LOST_BYTES = 32;

/** Between two pauses: pieces that are read, and verifications. */
const PACE = { pieces: 64, verifications: 8 };

/** Cost of one verification in word products; other curves cost as much as the slowest. */
const COST: Readonly<Record<string, number>> = {
  'P-256': 45_000,
  Ed25519: 60_000,
  secp256k1: 170_000,
  'P-384': 360_000,
};
const MAX_COST = 720_000;

const costOf = ({ name }: Pick<Signer, 'name'>): number => COST[name] ?? MAX_COST;

/** The hash that SSH uses with a curve (RFC 5656, 6.2.1). */
const SSH_HASHES: Readonly<Record<string, string>> = {
  nistp256: 'sha256',
  nistp384: 'sha384',
  nistp521: 'sha512',
};

interface Signer {
  spki: Uint8Array;
  key: KeyObject;
  type: WireSignature['type'];
  /** `P-256`, `Ed25519`. */
  name: string;
  /** Octets of r and of s; 0 for EdDSA. */
  octets: number;
  ssh: string | undefined;
}

function signerOf(spki: Uint8Array): Signer[] {
  const publicKey = readSpki(spki)?.key;
  const curve = publicKey?.type === 'ec' ? curveByName(publicKey.curve) : undefined;
  const edwards = publicKey?.type === 'okp' && !publicKey.curve.startsWith('X') ? publicKey.curve : undefined;
  if (curve === undefined && edwards === undefined) return [];
  const type = curve ? 'ec' : edwards === 'Ed448' ? 'ed448' : 'ed25519';
  const name = curve?.name ?? edwards!;
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return [{ spki, key, type, name, octets: curve?.scalar ?? 0, ssh: SSH_HASHES[curve?.ssh ?? ''] }];
  } catch {
    // This Node's OpenSSL lacks the curve.
    return [];
  }
}

const SKIPPED = {
  search: 'curve-signatures',
  what: 'signatures were not tried with every number that may have been signed',
  targets: ['blind'],
  count: 1,
} as const;

/**
 * ECDSA and EdDSA signatures of TLS and SSH by known keys: they verify over a number of the dump, combined
 * with data before the signature or added by the protocol. (Signatures in certificates have no such header.)
 * Most signatures in a process are by other parties, so each gets an equal share of the effort.
 */
export class CurveSignatures {
  readonly #context: SearchContext;
  /** Curves that signatures were collected for, the signatures, and those beyond the budget. */
  #curves: ReadonlySet<string> = new Set();
  #signatures: readonly PlacedSignature[] = [];
  #skipped: readonly PlacedSignature[] = [];

  constructor(context: SearchContext) {
    this.#context = context;
  }

  /**
   * Collects the signatures that these keys may have made, for {@link madeBy} with keys of the same curves.
   */
  *expect(keys: readonly Uint8Array[]): Pausing<never> {
    yield* this.#read(keys.flatMap(signerOf));
  }

  *#read(signers: readonly Signer[]): Pausing<never> {
    const left: PlacedSignature[] = [];
    this.#curves = new Set(signers.map(({ name }) => name));
    this.#signatures =
      signers.length === 0 ? [] : yield* placedSignatures(signers, this.#context, (each) => left.push(each));
    this.#skipped = left;
  }

  *madeBy(keys: readonly Uint8Array[]): Pausing<MadeSignature> {
    const signers = keys.flatMap(signerOf);
    if (signers.some(({ name }) => !this.#curves.has(name))) yield* this.#read(signers);
    const { bytes, runs, skippedWork, budget } = this.#context;
    const skip = (signature: PlacedSignature) => {
      const own = signers.filter((signer) => fits(signature, signer));
      const work = own.reduce((sum, signer) => sum + costOf(signer), 0) * verificationsOf(signature, runs);
      const { offset } = signature;
      const left = { target: 'blind', left: 1, work } as const;
      skippedWork.add(SKIPPED.search, left, SKIPPED.what, offset, offset + lengthOf(signature));
    };
    this.#skipped.forEach(skip);
    const signatures = this.#signatures.filter((each) => signers.some((signer) => fits(each, signer)));
    if (signatures.length === 0) return;
    const { labelled, isCut } = labelledNumbers(this.#context);
    const numbers = new SignedNumbers(bytes, runs, labelled);
    for (const signature of signatures) {
      const effort = new WorkBudget(budget(VERIFICATION_BUDGET) / signatures.length, skippedWork);
      const work = verificationsOf(signature, runs);
      const made = yield* madeBy(signers, signature, numbers, effort, work);
      if (made === undefined && isCut) skip(signature);
      else if (made && made !== 'left') yield made;
    }
  }
}

type PlacedSignature = WireSignature & { offset: number };

/** File offsets of numbers after a label, up to the budget. */
function labelledNumbers({ kernel, bytes, runs, budget }: SearchContext): {
  labelled: number[];
  isCut: boolean;
} {
  const labelled: number[] = [];
  const room = Math.min(budget(MAX_CANDIDATES.labelled), MAX_CANDIDATES.deep);
  for (const run of runs.ofWords(RUN_WORDS.least, RUN_WORDS.most))
    for (const { at, before, offset } of bytes.pieces(run)) {
      const number = labelEnd(kernel.bytes, at, at - before);
      if (number === undefined) continue;
      if (labelled.length === room) return { labelled, isCut: true };
      labelled.push(offset + number - at);
    }
  return { labelled, isCut: false };
}

/** Distinct signatures that one of the keys may have made. */
function* placedSignatures(
  signers: readonly Signer[],
  { kernel, bytes, runs, budget }: SearchContext,
  skip: (signature: PlacedSignature) => void,
): Pausing<never, PlacedSignature[]> {
  const signatures = new Map<string, PlacedSignature>();
  const room = Math.min(budget(MAX_CANDIDATES.signatures), MAX_CANDIDATES.deep);
  const wire = new WireSignatures(kernel);
  const pace = new Pace(PACE.pieces);
  for (const piece of wire.pieces(bytes, runs, { ...RUN_WORDS, first: -MAX_LOST_BYTES })) {
    if (pace.isDue()) yield;
    const { at, words, before, after, offset } = bytes.widened(piece);
    const bounds = { from: at - MAX_LOST_BYTES, to: at + words * 8, least: at - before, most: at + after };
    for (const signature of wire.in(bounds)) {
      if (!signers.some((signer) => fits(signature, signer))) continue;
      const mark = Buffer.concat(signature.parts).toString('latin1');
      const placed = { ...signature, offset: offset + signature.at - at };
      // One copy for each kind of signed data.
      if (signatures.has(mark + signature.over)) continue;
      if (signatures.size < room) signatures.set(mark + signature.over, placed);
      else skip(placed);
    }
  }
  return [...signatures.values()];
}

const lengthOf = ({ parts }: Pick<WireSignature, 'parts'>): number =>
  parts.reduce((sum, { length }) => sum + length, 0);

/**
 * True if the key may have made the signature. r and s are as long as the order, except for leading zeros.
 */
function fits({ type, protocol, parts }: WireSignature, signer: Signer): boolean {
  if (type !== signer.type) return false;
  if (type !== 'ec') return true;
  if (protocol === 'SSH' && signer.ssh === undefined) return false;
  return parts.every(({ length }) => length <= signer.octets && length > signer.octets - 4);
}

/** Numbers of the dump that a signature may be tried with, as far as they have runs. */
function verificationsOf({ over }: PlacedSignature, runs: RunList): number {
  const { least, most } = SIGNED_WORDS;
  return runs.span(least, most).count * MESSAGES[over];
}

/** The signature attributed to one of the keys, or `left` if the effort was spent. */
function* madeBy(
  signers: readonly Signer[],
  signature: PlacedSignature,
  numbers: SignedNumbers,
  effort: WorkBudget,
  verifications: number,
): Pausing<never, MadeSignature | 'left' | undefined> {
  const { offset, protocol, over, parts, parameters } = signature;
  const own = signers.filter((signer) => fits(signature, signer));
  const work = own.reduce((sum, signer) => sum + costOf(signer), 0) * verifications;
  const pace = new Pace(PACE.verifications);
  const candidate = { ...SKIPPED, from: offset, to: offset + lengthOf(signature), work };
  for (const { offset: place, messages } of numbers.near(offset, over, parameters))
    for (const message of messages)
      for (const signer of own) {
        if (!effort.spend(costOf(signer), candidate)) return 'left';
        if (pace.isDue()) yield;
        const hash = signature.type === 'ec' ? (signature.hash ?? signer.ssh) : undefined;
        const bytes = Buffer.concat(parts.map((part) => padded(part, signer.octets)));
        if (!verifies(signer.key, hash, message, bytes)) continue;
        const algorithm =
          hash === undefined ? signer.name : `ECDSA, ${hash.toUpperCase().replace('SHA', 'SHA-')}`;
        const scheme = `${algorithm}, over the ${over} at 0x${place.toString(16)}`;
        return { offset, signature: bytes, spki: signer.spki, protocol, scheme };
      }
  return undefined;
}

function verifies(key: KeyObject, hash: string | undefined, message: Buffer, signature: Buffer): boolean {
  try {
    return verify(hash ?? null, message, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    return false;
  }
}
