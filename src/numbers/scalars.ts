import { FITTED } from '../noise/records.js';
import { BETWEEN, LIKELY, SCALAR } from './coordinates.js';
import type { Crowds } from './crowds.js';
import type { NumberSet } from './number-set.js';
import type { Budget, Shortfall } from './shortfall.js';

/** How many numbers of one size are multiplied on a curve: all of them where there are no more than `all`, otherwise `most`. */
interface Room {
  all: number;
  most: number;
}

/**
 * By the artifact's length: large cores have 1 to 4 in a MiB that may be a scalar; small ones of a Python that has loaded some modules 3,000 to
 * 6,000, which a gate under `--strict` would refuse for nothing. Where there are more, those that come first are worth trying.
 */
const ALL = { least: 8192, bytes: 3 << 16 };
const MOST = { least: 1000, bytes: 1 << 20 };
const FEWEST = 500;
const CAP = 20_000;

/** For numbers of `size` bytes in an artifact of `length` bytes. Longer ones cost more: above 384 bits ten times as much. */
export function roomFor(length: number, size: number, budget: Budget): Room {
  const share = size > 48 ? 8 : size > 32 ? 2 : 1;
  const room = ({ least, bytes }: typeof ALL): number =>
    budget(Math.max(FEWEST, Math.floor(Math.min(CAP, Math.max(least, length / bytes)) / share)));
  return { all: room(ALL), most: room(MOST) };
}

/**
 * Indices of the numbers that may be scalars: the likely ones before the others. Where there are more than `all`, among these those of
 * small crowds first, before them what stands between two copies of a public key, and last those that `isLast` says. Libraries have tables of a curve's points, a thousand numbers and more.
 */
function inOrder(
  set: NumberSet,
  { all, most }: Room,
  crowds: Crowds,
  isLast: (index: number) => boolean = () => false,
): number[] {
  const likely: number[] = [];
  const others: number[] = [];
  for (let i = 0; i < set.length; i++) {
    if (set.flags(i) & LIKELY) likely.push(i);
    else if (set.flags(i) & SCALAR) others.push(i);
  }
  const scalars = [...likely, ...others];
  if (scalars.length <= all) return scalars;
  const first = likely.filter((i) => !isLast(i));
  if (first.length >= most) {
    // No other is tried: among which crowds they are need not be known.
    const tried = new Set(first);
    return [...sorted(set, first, crowds.sizes(set, first)), ...scalars.filter((i) => !tried.has(i))];
  }
  sorted(set, scalars, crowds.sizes(set));
  const last = new Set(scalars.filter(isLast));
  return [...scalars.filter((i) => !last.has(i)), ...last];
}

/** In place, those behind a header of just such an object first, then the likely ones, among these and among the others those of small crowds. */
function sorted(set: NumberSet, scalars: number[], sizes: Uint32Array): number[] {
  const rank = (i: number) => {
    const flags = set.flags(i);
    if (flags & BETWEEN) return 0;
    return (flags & FITTED ? 0 : flags & LIKELY ? 1 : 2) * (set.length + 1) + sizes[i]!;
  };
  return scalars.sort((a, b) => rank(a) - rank(b));
}

/** As many as there is room for, in the order of the set; the others are told. */
export function scalarsOf(
  set: NumberSet,
  room: Room,
  search: string,
  crowds: Crowds,
  shortfall: Shortfall,
  isLast?: (index: number) => boolean,
): number[] {
  const { all, most } = room;
  const ordered = inOrder(set, room, crowds, isLast);
  if (ordered.length <= all) return ordered.sort((a, b) => a - b);
  for (const i of ordered.slice(most)) {
    const offset = set.offset(i);
    shortfall.add(search, 'numbers that may be private keys were not tried', offset, offset + set.size);
  }
  return ordered.slice(0, most).sort((a, b) => a - b);
}

/** The `most` that come first. */
export const firstOf = (set: NumberSet, most: number, crowds: Crowds): number[] =>
  inOrder(set, { all: most, most }, crowds).slice(0, most);
