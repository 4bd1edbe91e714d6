import type { Anchor, Rule } from '../../rules/types.js';
import { type CharacterSet, type Need, type NeedsOf, nameOf } from '../core/needs.js';
import { MARGIN } from '../core/windows.js';
import { makeupOf } from './makeup.js';
import { readPattern } from './pattern.js';
import { type Cell, rowsOf } from './rows.js';

/** Characters that are looked at on one side. */
const MOST = 128;
/** Fewer characters beside an anchor tell less than a run of the secret's length somewhere in the window. */
const LEAST = 10;

const sizes = new WeakMap<CharacterSet, number>();

function sizeOf(set: CharacterSet): number {
  const size = sizes.get(set) ?? set.reduce((sum, one) => sum + one, 0);
  sizes.set(set, size);
  return size;
}

/** The sets beside a place of a row, up to the first open cell and what it has at least. */
function side(cells: readonly Cell[]): CharacterSet[] {
  const sets: CharacterSet[] = [];
  for (const cell of cells) {
    if (cell instanceof Uint8Array) sets.push(cell);
    else {
      sets.push(...new Array<CharacterSet>(Math.min(cell.least, MOST)).fill(cell.open));
      break;
    }
  }
  return sets.slice(0, MOST);
}

/** Where all texts of a row hold one of these anchors: the anchors of one length are all that may stand there. */
function* places(row: readonly Cell[], anchors: readonly Anchor[]): Iterable<{ at: number; held: Anchor[] }> {
  for (const length of new Set(anchors.map(({ bytes }) => bytes.length)))
    for (let at = 0; at + length <= row.length; at++) {
      let texts = 1;
      for (let i = at; i < at + length && texts <= anchors.length; i++) {
        const cell = row[i]!;
        texts *= cell instanceof Uint8Array ? sizeOf(cell) : Number.POSITIVE_INFINITY;
      }
      if (texts > anchors.length) continue;
      const fits = ({ bytes }: Anchor) => bytes.every((code, i) => (row[at + i] as CharacterSet)[code] === 1);
      const held = anchors.filter((anchor) => anchor.bytes.length === length && fits(anchor));
      if (held.length === texts) yield { at, held };
    }
}

/** Each need with the anchor that it belongs to; undefined where some text that matches holds no anchor, or where that says little. */
function anchored(rule: Rule, rows: readonly Cell[][]): { anchor: string; need: Need }[] | undefined {
  const needs: { anchor: string; need: Need }[] = [];
  for (const row of rows) {
    const known = needs.length;
    for (const { at, held } of places(row, rule.anchors)) {
      const before = side(row.slice(0, at).reverse()).reverse();
      const after = side(row.slice(at + held[0]!.bytes.length));
      if (before.length + after.length < LEAST) return undefined;
      for (const { bytes } of held)
        needs.push({ anchor: nameOf(bytes), need: { type: 'beside', before, after } });
    }
    if (needs.length === known) return undefined;
  }
  return needs;
}

/** What a rule's pattern needs beside a literal that calls it. */
export function textNeeds(rule: Rule): NeedsOf | undefined {
  if (rule.pattern === undefined || rule.caseless) return undefined;
  const group = readPattern(rule.pattern);
  const rows = group && rowsOf(group);
  const placed = rows && anchored(rule, rows);
  if (placed) return (literal) => placed.flatMap(({ anchor, need }) => (anchor === literal ? [need] : []));
  const makeup = makeupOf(rule.pattern);
  if (makeup === undefined) return undefined;
  const within = rule.near?.within ?? 0;
  const before = Math.max(rule.window.before, within) + MARGIN;
  const after = Math.max(rule.window.after, within) + MARGIN;
  return () => [{ type: 'run', ...makeup, before, after }];
}
