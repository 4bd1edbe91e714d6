import type { Anchor, Rule } from '../../rules/types.js';
import { type CharacterSet, latin1, type Need, type NeedsOf } from '../core/needs.js';
import { MARGIN } from '../core/windows.js';
import { makeupOf } from './makeup.js';
import { type Group, type Item, isSet, leastOf, readPattern } from './pattern.js';

/** Longest condition on one side, in characters. */
const MAX_SIDE = 128;
/**
 * With fewer characters next to the anchor, and fewer bits of them known, a run as long as the secret is the
 * stronger condition.
 */
const MIN_ADJACENT = 10;
const MIN_BITS = 20;

const sizes = new WeakMap<CharacterSet, number>();

function sizeOf(set: CharacterSet): number {
  const size = sizes.get(set) ?? set.reduce((sum, one) => sum + one, 0);
  sizes.set(set, size);
  return size;
}

/** The sets next to a place of a row: up to the first open cell, and the least length of that one. */
function side(cells: readonly Cell[]): CharacterSet[] {
  const sets: CharacterSet[] = [];
  for (const cell of cells) {
    if (cell instanceof Uint8Array) sets.push(cell);
    else {
      sets.push(...new Array<CharacterSet>(Math.min(cell.least, MAX_SIDE)).fill(cell.open));
      break;
    }
  }
  return sets.slice(0, MAX_SIDE);
}

/** Bits of random bytes that these sets fix. */
const bitsOf = (sets: readonly CharacterSet[]): number =>
  sets.reduce((sum, set) => sum + Math.log2(256 / Math.max(1, sizeOf(set))), 0);

/** Places at which every text of a row has an anchor: anchors of one length cover all its spellings. */
export function* places(
  row: readonly Cell[],
  anchors: readonly Anchor[],
): Iterable<{ at: number; covering: Anchor[] }> {
  for (const length of new Set(anchors.map(({ bytes }) => bytes.length)))
    for (let at = 0; at + length <= row.length; at++) {
      let texts = 1;
      for (let i = at; i < at + length && texts <= anchors.length; i++) {
        const cell = row[i]!;
        texts *= cell instanceof Uint8Array ? sizeOf(cell) : Number.POSITIVE_INFINITY;
      }
      if (texts > anchors.length) continue;
      const fits = ({ bytes }: Anchor) => bytes.every((code, i) => (row[at + i] as CharacterSet)[code] === 1);
      const covering = anchors.filter((anchor) => anchor.bytes.length === length && fits(anchor));
      if (covering.length === texts) yield { at, covering };
    }
}

/**
 * Conditions by anchor; undefined if a matching text may have no anchor, or if a condition would be too weak.
 */
function anchored(rule: Rule, rows: readonly Cell[][]): { anchor: string; need: Need }[] | undefined {
  const needs: { anchor: string; need: Need }[] = [];
  for (const row of rows) {
    const known = needs.length;
    for (const { at, covering } of places(row, rule.anchors)) {
      const before = side(row.slice(0, at).reverse()).reverse();
      const after = side(row.slice(at + covering[0]!.bytes.length));
      const adjacent = [...before, ...after];
      if (adjacent.length < MIN_ADJACENT && bitsOf(adjacent) < MIN_BITS) return undefined;
      for (const { bytes } of covering)
        needs.push({ anchor: latin1(bytes), need: { type: 'beside', before, after } });
    }
    if (needs.length === known) return undefined;
  }
  return needs;
}

/** Conditions on the characters around the literals of a rule, from its pattern. */
export function textNeeds(rule: Rule): NeedsOf | undefined {
  if (rule.pattern === undefined) return undefined;
  const group = readPattern(rule.pattern);
  const rows = group && rowsOf(group);
  // Texts have a caseless anchor in other spellings than the rule.
  const placed = rows && !rule.caseless ? anchored(rule, rows) : undefined;
  if (placed) return (literal) => placed.flatMap(({ anchor, need }) => (anchor === literal ? [need] : []));
  const makeup = makeupOf(rule.pattern);
  if (makeup === undefined) return undefined;
  const within = rule.near?.within ?? 0;
  const before = Math.max(rule.window.before, within) + MARGIN;
  const after = Math.max(rule.window.after, within) + MARGIN;
  return () => [{ type: 'run', ...makeup, before, after }];
}

/** A set for one character of it, or a repetition. */
export type Cell = CharacterSet | Open;

/** `least` to `most` characters of a set. */
interface Open {
  open: CharacterSet;
  least: number;
  most: number;
  /** A repeated group that can match the same text in more than one path. */
  ambiguous: boolean;
}

/** Upper bounds: rows of a pattern, and cells of a row. */
const MAX = { rows: 64, cells: 512 };

/** True if the sets have a character in common. */
export const intersect = (a: CharacterSet, b: CharacterSet): boolean =>
  a.some((one, i) => one === 1 && b[i] === 1);

/** True if the next character decides between the alternatives of a group, and each has a fixed length. */
function isUnambiguous({ alternatives }: Group): boolean {
  const fronts: CharacterSet[] = [];
  for (const items of alternatives) {
    const front = items[0]?.node;
    if (front === undefined || !isSet(front)) return false;
    if (!items.every(({ node, min, max }) => isSet(node) && min === max && min > 0)) return false;
    if (fronts.some((other) => intersect(front, other))) return false;
    fronts.push(front);
  }
  return true;
}

function* rowsOfItem({ node, min, max, lazy }: Item): Iterable<Cell[]> {
  if (isSet(node) && min === max && min <= MAX.cells) yield new Array<Cell>(min).fill(node);
  else if (min === 0 && max === 1) {
    yield [];
    yield* rowsOfItem({ node, min: 1, max: 1, lazy });
  } else if (!isSet(node) && min === 1 && max === 1) yield* pathsOf(node);
  else {
    const { least, characters } = leastOf(node);
    yield [
      { open: characters, least: least * min, most: max, ambiguous: !isSet(node) && !isUnambiguous(node) },
    ];
  }
}

function pathsOf({ alternatives }: Group): Cell[][] {
  return alternatives.flatMap((items) => {
    let rows: Cell[][] = [[]];
    for (const item of items) {
      const more = [...rowsOfItem(item)];
      rows = rows.flatMap((row) => more.map((path) => [...row, ...path]));
      if (rows.length > MAX.rows) return rows;
    }
    return rows;
  });
}

/**
 * All paths through a pattern, each as a row of cells; undefined if there are too many or one is too long.
 */
export function rowsOf(group: Group): Cell[][] | undefined {
  const rows = pathsOf(group);
  const fits = rows.length <= MAX.rows && rows.every((row) => row.length <= MAX.cells);
  return fits ? rows : undefined;
}
