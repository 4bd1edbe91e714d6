import { OKP } from '../../../core/asn1/oids.js';
import { okpPublicKey } from '../../../core/asn1/okp.js';
import { readSpki } from '../../../core/asn1/spki.js';
import { Secret } from '../../../core/base/crypto/secret.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { LimitName } from '../../../core/limits/searches.js';
import type { NumberKernel } from '../../core/kernel.js';
import { followsHeader, looksRandom, mayEndNumber, zeroBytes } from '../../core/randomness-test.js';
import type { RunBytes } from '../../core/run-bytes.js';
import type { RunList } from '../../core/run-list.js';
import type { SearchContext } from '../../core/search-context.js';
import type { SkippedWork } from '../../core/skipped-work.js';
import type { FilePlace, NumberFound, Run, SearchedArtifact, SearchedPublicKey } from '../../core/types.js';

/** A private key of Ed448 or X448. `written`: its public key is encoded as a key. */
export type Curve448Found = NumberFound & { written: boolean };

/**
 * Words of a run that is a number of 56 or 57 bytes, of whose edges one word each may be lost; and of a run
 * of two such numbers.
 */
const SINGLE_RUN = { least: 5, most: 9 };
const PAIR_RUN = { least: 12, most: 17 };
const CURVES = ['X448', 'Ed448'] as const;
type Curve448 = (typeof CURVES)[number];
const LIMITS = { Ed448: 'ed448-seeds', X448: 'x448-seeds' } as const satisfies Record<Curve448, LimitName>;
export const SIZES: readonly number[] = CURVES.map((curve) => OKP[curve].size);
/** Bytes of a number that must look random. */
const SAMPLE_BYTES = 48;
/** Numbers multiplied by OpenSSL, 0.2 ms each. */
const MAX_MULTIPLIED = 1_000;
/** If there are more, the budget is divided by this: the likeliest come first. */
const REDUCTION = 10;
/** Bytes read before a run: a word that it may have lost, and the two words before that one. */
const HEADER_BYTES = 24;
/**
 * Possible starts of a number, from the start of its run: at a lost word, or after the hash of a CPython
 * `bytes`.
 */
const START_OFFSETS = [0, -8, 8] as const;

/** Octets decoded from base64url. */
export interface Text448 {
  place: FilePlace;
  octets: Buffer;
}

interface Curve448Context extends SearchContext {
  artifact: SearchedArtifact;
  texts: readonly Text448[];
}

/** A number of 56 or 57 bytes that may be a private key. */
interface Candidate {
  offset: number;
  number: Buffer;
}

/** Public keys by their bytes in hex. */
type PublicKeys448 = ReadonlyMap<string, PublicKey448 & { written: boolean }>;

/**
 * Private keys of Ed448 and X448. The curves are rare and their public keys look like any number, so nothing
 * is multiplied until the dump shows a public key: encoded as one (certificate, SubjectPublicKeyInfo), or in
 * OpenSSL's ECX_KEY.
 */
export function* curve448Keys(
  publicKeys: readonly SearchedPublicKey[],
  { artifact, texts, kernel, bytes, runs, skippedWork, budget }: Curve448Context,
): Pausing<Curve448Found> {
  const knownKeys = publicKeys448(publicKeys, bytes, runs);
  const most = budget(MAX_MULTIPLIED);
  const room = { most, crowded: budget(MAX_MULTIPLIED / REDUCTION) };
  for (const curve of CURVES) yield* textKeys(curve, texts, knownKeys, room, skippedWork);
  if (knownKeys.size === 0) return;
  const curves = [...new Set([...knownKeys.values()].map(({ curve }) => curve))];
  const skip = ({ offset, length }: { offset: number; length: number }) => {
    for (const curve of curves) {
      const { size } = OKP[curve];
      if (length >= size) skipNumber(curve, offset, size, skippedWork);
    }
  };
  for (const { offset, number } of candidateNumbers({ artifact, bytes, runs, kernel }, room, skip))
    for (const curve of curves) {
      const { size } = OKP[curve];
      if (number.length < size) continue;
      yield;
      const seed = new Secret(number.subarray(0, size));
      const known = knownKeys.get(publicOf(curve, seed));
      if (known?.curve !== curve) continue;
      yield {
        material: { type: 'okp', curve, seed, public: known.public },
        place: { offset, length: size, reading: 'bytes-be' },
        component: 'seed',
        written: known.written,
      };
    }
}

const skipNumber = (curve: Curve448, offset: number, length: number, skippedWork: SkippedWork): void =>
  skippedWork.add(
    LIMITS[curve],
    { target: 'any', left: 1 },
    'numbers were not tried',
    offset,
    offset + length,
  );

const publicOf = (curve: Curve448, seed: Secret): string =>
  okpPublicKey({ type: 'okp', curve, seed })?.toString('hex') ?? '';

/** In the last octet of an Ed448 key only the sign of x may be set (RFC 8032, 5.2.2). */
const mayBePublic = (curve: Curve448, octets: Buffer): boolean =>
  curve === 'X448' || (octets.at(-1)! & 0x7f) === 0;

/**
 * Members of JSON Web Keys in separate strings: one may be the public key of another. If memory is full of
 * such texts and no public key is known, those next to another text come first: members of one key are
 * allocated together.
 */
function* textKeys(
  curve: Curve448,
  texts: readonly Text448[],
  knownKeys: PublicKeys448,
  { most, crowded }: { most: number; crowded: number },
  skippedWork: SkippedWork,
): Pausing<Curve448Found> {
  const first = new Map<string, Text448>();
  for (const text of texts) {
    const hex = text.octets.toString('hex');
    if (text.octets.length === OKP[curve].size && !first.has(hex)) first.set(hex, text);
  }
  const publicKeys = new Map<string, Buffer>();
  const shown = [...first.values()].filter(({ octets }) => mayBePublic(curve, octets));
  for (const { octets } of shown) publicKeys.set(octets.toString('hex'), octets);
  const known = [...knownKeys].filter(([, key]) => key.curve === curve);
  for (const [hex, key] of known) publicKeys.set(hex, key.public);
  if (publicKeys.size === 0 || new Set([...publicKeys.keys(), ...first.keys()]).size < 2) return;
  const isCrowded = first.size > most && known.length === 0;
  const candidates = isCrowded ? nearestFirst([...first.values()], shown) : [...first.values()];
  const room = isCrowded ? crowded : most;
  for (const { place } of candidates.slice(room)) skipNumber(curve, place.offset, place.length, skippedWork);
  for (const { place, octets } of candidates.slice(0, room)) {
    yield;
    const seed = new Secret(octets);
    const known = publicKeys.get(publicOf(curve, seed));
    if (known === undefined) continue;
    const material = { type: 'okp', curve, seed, public: known } as const;
    yield { material, place, component: 'seed', written: true };
  }
}

const inFileOrder = (texts: readonly Text448[]): Text448[] =>
  [...texts].sort((a, b) => a.place.offset - b.place.offset);

/** By the distance to the nearest one that may be a public key. */
function nearestFirst(texts: readonly Text448[], shown: readonly Text448[]): Text448[] {
  const others = inFileOrder(shown);
  let next = 0;
  const distances = new Map<Text448, number>();
  for (const text of inFileOrder(texts)) {
    const { offset } = text.place;
    while (next < others.length && others[next]!.place.offset < offset) next++;
    const behind = others[next] === text ? next + 1 : next;
    const near = [others[next - 1], others[behind]].map((other) =>
      other ? Math.abs(other.place.offset - offset) : Number.POSITIVE_INFINITY,
    );
    distances.set(text, Math.min(...near));
  }
  return [...texts].sort((a, b) => distances.get(a)! - distances.get(b)!);
}

function publicKeys448(
  publicKeys: readonly SearchedPublicKey[],
  bytes: RunBytes,
  runs: RunList,
): PublicKeys448 {
  const knownKeys = new Map<string, PublicKey448 & { written: boolean }>();
  for (const key of ecxKeys(bytes, runs))
    knownKeys.set(key.public.toString('hex'), { ...key, written: false });
  for (const { spki } of publicKeys) {
    const key = readSpki(spki)?.key;
    if (key?.type !== 'okp' || (key.curve !== 'Ed448' && key.curve !== 'X448')) continue;
    const bytes = Buffer.from(key.public);
    knownKeys.set(bytes.toString('hex'), { curve: key.curve, public: bytes, written: true });
  }
  return knownKeys;
}

/** Memory with the start of a run and its neighbourhood, valid until the next read. */
function memoryAtStart(run: Run, bytes: RunBytes, kernel: NumberKernel): { memory: Buffer; first: number } {
  const [piece] = bytes.pieces(run);
  const reach = 8 + OKP.Ed448.size;
  if (piece && piece.before >= HEADER_BYTES && piece.after >= reach)
    return { memory: kernel.bytes, first: piece.at };
  const from = Math.max(run.offset % 8, run.offset - HEADER_BYTES);
  return { memory: bytes.read(from, run.offset - from + reach), first: run.offset - from };
}

/**
 * Distinct candidates, those with an object of their own first: at most `most`, or `crowded` if there are
 * more. `skip` is called for the rest.
 */
function candidateNumbers(
  { artifact, bytes, runs, kernel }: Pick<Curve448Context, 'artifact' | 'bytes' | 'runs' | 'kernel'>,
  { most, crowded }: { most: number; crowded: number },
  skip: (left: { offset: number; length: number }) => void,
): Candidate[] {
  const likely: Candidate[] = [];
  const others: Candidate[] = [];
  const seen = new Set<string>();
  const keep = (offset: number, number: Buffer, into: Candidate[]) => {
    const id = number.toString('latin1', 0, SAMPLE_BYTES);
    if (number.length < OKP.X448.size || seen.has(id) || !looksRandom(number, 0, SAMPLE_BYTES)) return;
    if (into.length > most) return skip({ offset, length: number.length });
    seen.add(id);
    into.push({ offset, number: Buffer.from(number) });
  };
  for (const run of runs.ofWords(SINGLE_RUN.least, PAIR_RUN.most)) {
    if (run.words > SINGLE_RUN.most && run.words < PAIR_RUN.least) continue;
    // A dump may be full of such runs: those beyond the budget are not read.
    if (likely.length >= crowded && likely.length + others.length > most) {
      skip({ offset: run.offset, length: OKP.Ed448.size });
      continue;
    }
    const array = artifact.arrayAround?.({ offset: run.offset, length: run.words * 8 });
    if (array !== undefined) {
      if (SIZES.includes(array.length)) keep(array.offset, bytes.read(array.offset, array.length), likely);
      continue;
    }
    const { memory, first } = memoryAtStart(run, bytes, kernel);
    for (const start of START_OFFSETS) {
      const at = first + start;
      if (at < 0 || (start < 0 && !mayEndNumber(memory, at)) || !followsHeader(memory, at, SIZES)) continue;
      const zeros = zeroBytes(memory, at - 8);
      const into = zeros >= 5 || zeros < 2 ? likely : others;
      keep(run.offset + start, memory.subarray(at, at + OKP.Ed448.size), into);
    }
  }
  const all = [...likely, ...others];
  const room = all.length > most ? crowded : most;
  for (const { offset, number } of all.slice(room)) skip({ offset, length: number.length });
  return all.slice(0, room);
}

/** A public key of Ed448 or X448. */
interface PublicKey448 {
  curve: 'Ed448' | 'X448';
  public: Buffer;
}

/**
 * Offsets in ECX_KEY of OpenSSL 3 (64 bits), from its flag on. The first byte of a word is the flag
 * `haspubkey`, followed by the public key in 57 bytes; later come a pointer to the private key, the key
 * length and the type.
 */
const LENGTH_OFFSET = 72;
const TYPE_OFFSET = 80;
const END = 84;
/** `haspubkey` is set. */
const HAS_PUBLIC_KEY = 1;
const TYPES: Readonly<Record<number, PublicKey448['curve']>> = { 1: 'X448', 3: 'Ed448' };
/** Words of the run made by the public key: six whole ones, and possibly the one with the flag. */
const RUN_WORDS = { least: 6, most: 7 };

/** Public keys of Ed448 and X448 in OpenSSL's ECX_KEY structures. */
function* ecxKeys(bytes: RunBytes, runs: RunList): Generator<PublicKey448> {
  for (const { offset } of runs.ofWords(RUN_WORDS.least, RUN_WORDS.most)) {
    if (offset < 8) continue;
    // The run begins at the word with the flag or at the next one. The run is cached; later bytes may not be.
    const flags = bytes.read(offset - 8, 9);
    if (flags[0] !== HAS_PUBLIC_KEY && flags[8] !== HAS_PUBLIC_KEY) continue;
    const tail = bytes.read(offset - 8 + LENGTH_OFFSET, END - LENGTH_OFFSET + 8);
    for (const start of [0, 8]) {
      if (tail.length < start + END - LENGTH_OFFSET) continue;
      const curve = TYPES[tail.readUInt32LE(start + TYPE_OFFSET - LENGTH_OFFSET)];
      if (curve === undefined || tail.readBigUInt64LE(start) !== BigInt(OKP[curve].size)) continue;
      const key = bytes.read(offset - 8 + start, 1 + OKP[curve].size);
      if (key[0] === HAS_PUBLIC_KEY) yield { curve, public: key.subarray(1) };
    }
  }
}
