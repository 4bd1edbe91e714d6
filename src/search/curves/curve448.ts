import { OKP } from '../../asn1/oids.js';
import { okpPublicKey } from '../../asn1/okp.js';
import { readSpki } from '../../asn1/spki.js';
import { Secret } from '../../base/crypto/secret.js';
import type { View } from '../../formats/memory/types.js';
import type { Kernel } from '../core/kernel.js';
import { isGrey, isLed, looksRandom, zeroBytes } from '../core/randomness-test.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { SearchContext } from '../core/search-context.js';
import type { SkippedWork } from '../core/skipped-work.js';
import type { NumberFound, Place, PublicKey, Run } from '../core/types.js';
import { ecxKeys, type PublicKey448 } from './ecx-key.js';

/** A private key of one of the two, and whether somebody wrote its public half as a key. */
export type Curve448Found = NumberFound & { written: boolean };

/** Words of the runs that a number of 56 or 57 bytes lies in, whose edges may lose one each; and of those of a pair of such. */
const SINGLE_RUN = { least: 5, most: 9 };
const PAIR_RUN = { least: 12, most: 17 };
const CURVES = ['X448', 'Ed448'] as const;
type Curve448 = (typeof CURVES)[number];
export const SIZES: readonly number[] = CURVES.map((curve) => OKP[curve].size);
/** Bytes of a number that have to look random. */
const SAMPLE_BYTES = 48;
/** Numbers that are multiplied, by OpenSSL in 0.2 ms each. */
const MAX_MULTIPLIED = 1_000;
/** Where there are more, a part of them: what comes first is the likeliest. */
const REDUCTION = 10;
/** Bytes before a run: a word that it may have lost, and the two that stand before that. */
const HEADER_BYTES = 24;
/** Where a number may begin, from its run's start: there, at a word that the run has lost, or behind the hash of a `bytes`. */
const START_OFFSETS = [0, -8, 8] as const;

/** Octets that stand as base64url. */
export interface Text448 {
  place: Place;
  octets: Buffer;
}

interface Curve448Context extends SearchContext {
  view: View;
  texts: readonly Text448[];
}

/** Numbers of 56 bytes or one more, which may be a private key. */
interface Candidate {
  offset: number;
  number: Buffer;
}

/** Public keys, by their bytes in hex. */
type PublicKeys448 = ReadonlyMap<string, PublicKey448 & { written: boolean }>;

/**
 * Ed448 and X448: the seed or scalar gives the public key. The curves are rare and their public halves look like any number, so that
 * nothing is multiplied before the dump shows one: as a key (certificate, SubjectPublicKeyInfo), or as OpenSSL holds it.
 */
export function* curve448Keys(
  publicKeys: readonly PublicKey[],
  { view, texts, kernel, bytes, runs, shortfall, budget }: Curve448Context,
): Generator<Curve448Found> {
  const shown = publicKeys448(publicKeys, bytes, runs);
  const most = budget(MAX_MULTIPLIED);
  for (const curve of CURVES) yield* textKeys(curve, texts, shown, most, shortfall);
  if (shown.size === 0) return;
  const curves = [...new Set([...shown.values()].map(({ curve }) => curve))];
  const leave = ({ offset, length }: { offset: number; length: number }) => {
    for (const curve of curves) {
      const { size } = OKP[curve];
      if (length >= size)
        shortfall.add(`${curve.toLowerCase()}-seeds`, 'numbers were not tried', offset, offset + size);
    }
  };
  const room = { most, crowded: budget(MAX_MULTIPLIED / REDUCTION) };
  for (const { offset, number } of candidates({ view, bytes, runs, kernel }, room, leave))
    for (const curve of curves) {
      const { size } = OKP[curve];
      if (number.length < size) continue;
      const seed = new Secret(number.subarray(0, size));
      const known = shown.get(publicOf(curve, seed));
      if (known?.curve !== curve) continue;
      yield {
        material: { type: 'okp', curve, seed, public: known.public },
        place: { offset, length: size, reading: 'bytes-be' },
        component: 'seed',
        written: known.written,
      };
    }
}

const publicOf = (curve: Curve448, seed: Secret): string =>
  okpPublicKey({ type: 'okp', curve, seed })?.toString('hex') ?? '';

/** Of Ed448's last octet all bits but the sign of x are zero (RFC 8032, 5.2.2). */
const mayBePublic = (curve: Curve448, octets: Buffer): boolean =>
  curve === 'X448' || (octets.at(-1)! & 0x7f) === 0;

/** Members of JSON Web Keys in strings of their own: of two such, one may be the public half of the other. */
function* textKeys(
  curve: Curve448,
  texts: readonly Text448[],
  shown: PublicKeys448,
  most: number,
  shortfall: SkippedWork,
): Generator<Curve448Found> {
  const first = new Map<string, Text448>();
  for (const text of texts) {
    const hex = text.octets.toString('hex');
    if (text.octets.length === OKP[curve].size && !first.has(hex)) first.set(hex, text);
  }
  const sized = [...first.values()];
  const halves = new Map<string, Buffer>();
  for (const [hex, { octets }] of first) if (mayBePublic(curve, octets)) halves.set(hex, octets);
  for (const [hex, key] of shown) if (key.curve === curve) halves.set(hex, key.public);
  if (halves.size === 0 || new Set([...halves.keys(), ...first.keys()]).size < 2) return;
  for (const { place } of sized.slice(most))
    shortfall.add(
      `${curve.toLowerCase()}-seeds`,
      'numbers were not tried',
      place.offset,
      place.offset + place.length,
    );
  for (const { place, octets } of sized.slice(0, most)) {
    const seed = new Secret(octets);
    const known = halves.get(publicOf(curve, seed));
    if (known === undefined) continue;
    yield {
      material: { type: 'okp', curve, seed, public: known },
      place,
      component: 'seed',
      written: true,
    };
  }
}

function publicKeys448(publicKeys: readonly PublicKey[], bytes: RunBytes, runs: RunList): PublicKeys448 {
  const shown = new Map<string, PublicKey448 & { written: boolean }>();
  for (const key of ecxKeys(bytes, runs)) shown.set(key.public.toString('hex'), { ...key, written: false });
  for (const { spki } of publicKeys) {
    const key = readSpki(spki)?.key;
    if (key?.type !== 'okp' || (key.curve !== 'Ed448' && key.curve !== 'X448')) continue;
    const bytes = Buffer.from(key.public);
    shown.set(bytes.toString('hex'), { curve: key.curve, public: bytes, written: true });
  }
  return shown;
}

/** Where a run begins among bytes of which those beside it can be read. They are good until others are asked for. */
function memoryAtStart(run: Run, bytes: RunBytes, kernel: Kernel): { memory: Buffer; first: number } {
  const [piece] = bytes.pieces(run);
  const reach = 8 + OKP.Ed448.size;
  if (piece && piece.before >= HEADER_BYTES && piece.after >= reach)
    return { memory: kernel.bytes, first: piece.at };
  const from = Math.max(run.offset % 8, run.offset - HEADER_BYTES);
  return { memory: bytes.read(from, run.offset - from + reach), first: run.offset - from };
}

/** Each number once, those that have an object of their own first: `most` of them, where there are more `crowded`. The rest is left. */
function candidates(
  { view, bytes, runs, kernel }: Pick<Curve448Context, 'view' | 'bytes' | 'runs' | 'kernel'>,
  { most, crowded }: { most: number; crowded: number },
  leave: (left: { offset: number; length: number }) => void,
): Candidate[] {
  const likely: Candidate[] = [];
  const others: Candidate[] = [];
  const seen = new Set<string>();
  const keep = (offset: number, number: Buffer, into: Candidate[]) => {
    const id = number.toString('latin1', 0, SAMPLE_BYTES);
    if (number.length < OKP.X448.size || seen.has(id) || !looksRandom(number, 0, SAMPLE_BYTES)) return;
    if (into.length > most) return leave({ offset, length: number.length });
    seen.add(id);
    into.push({ offset, number: Buffer.from(number) });
  };
  for (const run of runs.ofWords(SINGLE_RUN.least, PAIR_RUN.most)) {
    if (run.words > SINGLE_RUN.most && run.words < PAIR_RUN.least) continue;
    // A dump may be full of them: what there is no room for is not read.
    if (likely.length >= crowded && likely.length + others.length > most) {
      leave({ offset: run.offset, length: OKP.Ed448.size });
      continue;
    }
    const array = view.arrayAround?.({ offset: run.offset, length: run.words * 8 });
    if (array !== undefined) {
      if (SIZES.includes(array.length)) keep(array.offset, bytes.read(array.offset, array.length), likely);
      continue;
    }
    const { memory, first } = memoryAtStart(run, bytes, kernel);
    for (const start of START_OFFSETS) {
      const at = first + start;
      if (at < 0 || (start < 0 && !isGrey(memory, at)) || !isLed(memory, at, SIZES)) continue;
      const zeros = zeroBytes(memory, at - 8);
      const into = zeros >= 5 || zeros < 2 ? likely : others;
      keep(run.offset + start, memory.subarray(at, at + OKP.Ed448.size), into);
    }
  }
  const all = [...likely, ...others];
  const room = all.length > most ? crowded : most;
  for (const { offset, number } of all.slice(room)) leave({ offset, length: number.length });
  return all.slice(0, room);
}
