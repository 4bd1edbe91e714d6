import { partitionPoint } from '../core/base/bytes/binary-search.js';
import type { KeyMaterial } from '../core/model/key-material.js';
import type { Extent } from '../core/model/report.js';
import type { Detected, SecretCandidate } from './core/types.js';

/** Merges findings around a seam: those in memory order and those in file order. */

const NOT_ADJACENT = 'contiguous only in file order: its parts are not adjacent in memory';

/**
 * Findings of both orders; those of file order alone are marked. Dropped are truncated findings that are part
 * of a whole one, and findings of file order that overlap a whole one of memory order and are part of it,
 * equal or unconfirmed.
 */
export function* mergeOrders(memory: readonly Detected[], file: readonly Detected[]): Iterable<Detected> {
  const places = new Set(memory.map(placeOf));
  const whole = memory.filter(isWhole);
  const inMemory = intervals(whole);
  const added = file
    .filter((each) => !places.has(placeOf(each)) && !isInside(each, inMemory))
    .filter((each) => !whole.some((other) => overlap(each, other) && isRival(each, other)))
    .map(markNotAdjacent);
  const isPart = partOf([...memory, ...added].filter(isWhole));
  const isPartInMemory = partOf(whole);
  const parts = memory.filter(isPart).filter((each) => !isPartInMemory(each));
  yield* memory.filter((each) => !isPart(each));
  for (const detected of added)
    if (!isPart(detected)) yield detected.type === 'public' ? detected : withParts(detected, parts);
}

/** Adds the truncated findings of memory order that a candidate of file order replaces. */
function withParts(detected: SecretCandidate, parts: readonly SecretCandidate[]): SecretCandidate {
  const instead = parts.filter((each) => overlap(each, detected));
  return instead.length > 0 ? { ...detected, fallbacks: instead } : detected;
}

/** Predicate: a truncated finding that is part of one of `wholes`. */
function partOf(wholes: readonly Detected[]): (detected: Detected) => detected is SecretCandidate {
  const [inWholes, ends] = [intervals(wholes), new Set(wholes.flatMap(endsOf))];
  return (detected): detected is SecretCandidate =>
    !isWhole(detected) && (isInside(detected, inWholes) || endsOf(detected).some((end) => ends.has(end)));
}

/** True if two findings share a byte of the file. */
function overlap(a: Detected, b: Detected): boolean {
  if (a.type === 'public' || b.type === 'public') return false;
  return a.extents.some((one) =>
    b.extents.some(
      (other) => one.offset < other.offset + other.length && other.offset < one.offset + one.length,
    ),
  );
}

/** True if a finding of file order adds nothing to an overlapping one of memory order. */
function isRival(file: Detected, memory: Detected): boolean {
  if (file.type === 'public' || memory.type === 'public') return false;
  const same = Buffer.compare(file.secret.reveal(), memory.secret.reveal()) === 0;
  const confirmed = file.evidence.length > 0 || (file.material !== undefined && isVerifiable(file.material));
  return file.partial || same || !confirmed;
}

/** True if the key has a public component, so that arithmetic can prove or refute it. */
const isVerifiable = (key: KeyMaterial): boolean =>
  ('n' in key && key.n !== undefined) ||
  ('point' in key && key.point !== undefined) ||
  ('public' in key && key.public !== undefined) ||
  key.type === 'dsa';

const isWhole = (detected: Detected): boolean => detected.type === 'public' || !detected.partial;
const extentsOf = (detected: Detected): Extent[] =>
  detected.type === 'public' ? [detected] : detected.extents;

/** All extents, ascending. */
const intervals = (detected: readonly Detected[]): Extent[] =>
  detected.flatMap(extentsOf).sort((a, b) => a.offset - b.offset || b.length - a.length);

/** True if each extent is inside one of the intervals. */
function isInside(detected: Detected, all: readonly Extent[]): boolean {
  return extentsOf(detected).every(({ offset, length }) => {
    const last = all[partitionPoint(all.length, (i) => all[i]!.offset <= offset) - 1];
    return last !== undefined && offset + length <= last.offset + last.length;
  });
}

/** Keys for the first and the last byte of a finding of its kind. */
function endsOf(detected: Detected): string[] {
  if (detected.type === 'public') return [];
  const last = detected.extents[detected.extents.length - 1];
  return [
    `${detected.kind} from ${detected.offset}`,
    `${detected.kind} to ${last && last.offset + last.length}`,
  ];
}

/** Confidence becomes low unless the key can be proven or a checksum passes. */
function markNotAdjacent(detected: Detected): Detected {
  if (detected.type === 'public') return detected;
  const confirmed = detected.material !== undefined || detected.evidence.length > 0;
  return {
    ...detected,
    notAdjacentInMemory: true,
    confidence: confirmed ? detected.confidence : 'low',
    notes: [...detected.notes, NOT_ADJACENT],
  };
}

const spanOf = ({ offset, length }: Extent): string => `${offset}+${length}`;

/** Key for a finding's kind and place. */
export function placeOf(detected: Detected): string {
  if (detected.type === 'public') return `${detected.form} ${spanOf(detected)}`;
  return `${detected.kind} ${detected.extents.map(spanOf).join(' ')}`;
}
