import { partitionPoint } from '../base/bytes/binary-search.js';
import type { KeyMaterial } from '../model/key-material.js';
import type { Extent } from '../model/report.js';
import type { Candidate, Detected } from './core/types.js';

/** What the bytes around a seam show in the order of memory and in that of the file. */

const NOT_ADJACENT = 'whole only in the order of the file: its parts are not neighbours in memory';

/**
 * Both orders' findings: what only the file's order gave is marked. Left out is what shares bytes with something whole in
 * memory and is a part of it, says the same, or has nothing to show for itself; and parts of what is whole.
 */
export function* mergeOrders(memory: readonly Detected[], file: readonly Detected[]): Iterable<Detected> {
  const places = new Set(memory.map(placeOf));
  const whole = memory.filter(isWhole);
  const inMemory = intervals(whole);
  const added = file
    .filter((each) => !places.has(placeOf(each)) && !isInside(each, inMemory))
    .filter((each) => !whole.some((other) => overlap(each, other) && isRival(each, other)))
    .map(marked);
  const isPart = partOf([...memory, ...added].filter(isWhole));
  const isPartInMemory = partOf(whole);
  const parts = memory.filter(isPart).filter((each) => !isPartInMemory(each));
  yield* memory.filter((each) => !isPart(each));
  for (const detected of added)
    if (!isPart(detected)) yield detected.type === 'public' ? detected : withParts(detected, parts);
}

/** With what it stands for, where that is anything. */
function withParts(detected: Candidate, parts: readonly Candidate[]): Candidate {
  const instead = parts.filter((each) => overlap(each, detected));
  return instead.length > 0 ? { ...detected, instead } : detected;
}

/** Tells what is no more than a part of one of these. */
function partOf(wholes: readonly Detected[]): (detected: Detected) => detected is Candidate {
  const [inWholes, ends] = [intervals(wholes), new Set(wholes.flatMap(endsOf))];
  return (detected): detected is Candidate =>
    !isWhole(detected) && (isInside(detected, inWholes) || endsOf(detected).some((end) => ends.has(end)));
}

/** Do two findings share a byte of the file? */
function overlap(a: Detected, b: Detected): boolean {
  if (a.type === 'public' || b.type === 'public') return false;
  return a.extents.some((one) =>
    b.extents.some(
      (other) => one.offset < other.offset + other.length && other.offset < one.offset + one.length,
    ),
  );
}

/** Where two orders read one place: a part, the same secret once more, or one that nothing can confirm or refute. */
function isRival(file: Detected, memory: Detected): boolean {
  if (file.type === 'public' || memory.type === 'public') return false;
  const same = Buffer.compare(file.secret.reveal(), memory.secret.reveal()) === 0;
  const confirmed = file.evidence.length > 0 || (file.material !== undefined && isVerifiable(file.material));
  return file.partial || same || !confirmed;
}

/** Both halves of the key are there, so that arithmetic tells whether they belong together. */
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

/** Each extent lies in one of the intervals. */
function isInside(detected: Detected, all: readonly Extent[]): boolean {
  return extentsOf(detected).every(({ offset, length }) => {
    const last = all[partitionPoint(all.length, (i) => all[i]!.offset <= offset) - 1];
    return last !== undefined && offset + length <= last.offset + last.length;
  });
}

/** First and last byte, with what they are of. */
function endsOf(detected: Detected): string[] {
  if (detected.type === 'public') return [];
  const last = detected.extents[detected.extents.length - 1];
  return [
    `${detected.kind} from ${detected.offset}`,
    `${detected.kind} to ${last && last.offset + last.length}`,
  ];
}

/** A proof stands all the same, and so does a checksum; a pattern alone does not. */
function marked(detected: Detected): Detected {
  if (detected.type === 'public') return detected;
  const stands = detected.material !== undefined || detected.evidence.length > 0;
  return {
    ...detected,
    notAdjacentInMemory: true,
    confidence: stands ? detected.confidence : 'low',
    notes: [...detected.notes, NOT_ADJACENT],
  };
}

const spanOf = ({ offset, length }: Extent): string => `${offset}+${length}`;

/** What it is of, and where. */
export function placeOf(detected: Detected): string {
  if (detected.type === 'public') return `${detected.form} ${spanOf(detected)}`;
  return `${detected.kind} ${detected.extents.map(spanOf).join(' ')}`;
}
