import { Pace, type Pausing } from '../../core/base/runtime/turns.js';
import { PRODUCT, secondsForOthers } from '../../core/limits/costs.js';
import type { RunList } from '../core/run-list.js';
import type { SearchContext } from '../core/search-context.js';
import { type Attributed, attributed, digestCost, EqualShares, type SignedBy } from './digest-search.js';
import type { MadeSignature } from './rsa-signatures.js';
import { labelEnd, MESSAGES, SIGNED_WORDS, SignedNumbers } from './signed-numbers.js';
import {
  fits,
  hashOf,
  joinedParts,
  type PlacedSignature,
  type Signer,
  signerOf,
  verifies,
} from './signer.js';
import { type WireSignature, WireSignatures } from './wire-signatures.js';

/**
 * Signatures tried (a process with more is a store of them), labelled numbers, and the bound on either
 * without a budget.
 */
const MAX_CANDIDATES = { signatures: 256, labelled: 64, deep: 1 << 16 };
/** Words of the runs that may contain a signature. */
const RUN_WORDS = { least: 3, most: 96 };
/** Bytes of a signature that may precede its run: its header, and words that look random only by chance. */
const MAX_LOST_BYTES = 32;

/** Between two pauses: pieces that are read, and verifications. */
const PACE = { pieces: 64, verifications: 8 };

/** Seconds for one verification; other curves cost as much as the slowest. */
const VERIFICATION: Readonly<Record<string, number>> = { Ed25519: 1.5e-4 };
const MOST_VERIFICATION = 1.8e-3;

const verificationCost = ({ name }: Signer): number => VERIFICATION[name] ?? MOST_VERIFICATION;

const costOf = (signer: Signer): number =>
  signer.multiplied ? digestCost(signer) : verificationCost(signer);

const UNTRIED = 'signatures were not tried with every number that may have been signed';

/** Its runs, and its length in bytes. */
type SignedMemory = SearchContext & { length: number };

/**
 * ECDSA and EdDSA signatures of TLS and SSH by known keys: they verify over a number of the dump, combined
 * with data before the signature or added by the protocol. (Signatures in certificates have no such header.)
 * Most signatures in a process are by other parties, so each gets an equal share of the budget.
 */
export class CurveSignatures {
  readonly #context: SignedMemory;
  /** Curves that signatures were collected for, the signatures, and those beyond the budget. */
  #curves: ReadonlySet<string> = new Set();
  #signatures: readonly PlacedSignature[] = [];
  #skipped: readonly PlacedSignature[] = [];

  constructor(context: SignedMemory) {
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
    const { kernel, bytes, runs, skippedWork, budget, length } = this.#context;
    const skip = (signature: PlacedSignature) => {
      const own = signers.filter((signer) => fits(signature, signer));
      const each = own.reduce((sum, signer) => sum + costOf(signer), 0);
      const work = (each * messagesOf(signature, runs)) / PRODUCT;
      const { offset } = signature;
      const left = { target: 'blind', left: 1, work } as const;
      skippedWork.add('curve-signatures', left, UNTRIED, offset, offset + lengthOf(signature));
    };
    this.#skipped.forEach(skip);
    const signatures = this.#signatures.filter((each) => signers.some((signer) => fits(each, signer)));
    if (signatures.length === 0) return;
    const { labelled, isCut } = labelledNumbers(this.#context);
    const numbers = new SignedNumbers(bytes, runs, labelled);
    const pairs = signatures.flatMap((signature) =>
      signers.filter((signer) => fits(signature, signer)).map((signer) => ({ signature, signer })),
    );
    const [onKernel, others] = [pairs.filter(isMultiplied), pairs.filter((pair) => !isMultiplied(pair))];
    const size = { length, dense: runs.denseBytes() };
    const shares = new EqualShares(budget(secondsForOthers('signatures', size)), pairs.length);
    const left = new Set<PlacedSignature>();
    const found = new Map<PlacedSignature, MadeSignature>();
    const passes = [
      attributed(onKernel, {
        ...{ kernel, numbers, shares },
        countOf: ({ signature }) => messagesOf(signature, runs),
        left: ({ signature }) => left.add(signature),
      }),
      ...others.map((pair) => verified(pair, numbers, shares, () => left.add(pair.signature))),
    ];
    for (const pass of passes)
      for (const each of pass)
        if (each === undefined) yield;
        else if (!found.has(each.signature)) found.set(each.signature, madeOf(each));
    for (const signature of signatures) {
      const made = found.get(signature);
      if (made) yield made;
      else if (isCut || left.has(signature)) skip(signature);
    }
  }
}

const isMultiplied = ({ signer }: SignedBy): boolean => signer.multiplied !== undefined;

function madeOf({ signature, signer, place }: Attributed): MadeSignature {
  const { offset, protocol, over } = signature;
  const hash = hashOf(signature, signer);
  const algorithm = hash === undefined ? signer.name : `ECDSA, ${hash.toUpperCase().replace('SHA', 'SHA-')}`;
  const scheme = `${algorithm}, over the ${over} at 0x${place.toString(16)}`;
  return { offset, signature: joinedParts(signature, signer), spki: signer.spki, protocol, scheme };
}

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

/** Messages of the dump that a signature may be over, as far as they have runs. */
function messagesOf({ over }: PlacedSignature, runs: RunList): number {
  const { least, most } = SIGNED_WORDS;
  return runs.span(least, most).count * MESSAGES[over];
}

/** The number that a signature is over, if one by the key is among those that the budget covers. */
function* verified(
  pair: SignedBy,
  numbers: SignedNumbers,
  shares: EqualShares,
  left: () => void,
): Pausing<Attributed> {
  const { signature, signer } = pair;
  const { offset, over, parameters } = signature;
  const pace = new Pace(PACE.verifications);
  let room = shares.take(1);
  for (const number of numbers.near(offset, over))
    for (const message of numbers.messages(number, over, parameters)) {
      room -= verificationCost(signer);
      if (room < 0) return left();
      if (pace.isDue()) yield;
      if (!verifies(signature, signer, message)) continue;
      shares.return(room);
      return yield { ...pair, place: number.offset };
    }
  shares.return(room);
}
