import { FITTED } from '../../runs/records.js';
import type { NumberSet } from '../core/number-set.js';
import type { Budget, SkippedWork } from '../core/skipped-work.js';
import { BETWEEN_COPIES, LIKELY, SCALAR } from './curve-numbers.js';
import type { HeaderFrequency } from './header-frequency.js';

/** How many numbers of one size are multiplied on a curve: all of them where there are no more than `all`, otherwise `most`. */
interface ScalarBudget {
  all: number;
  most: number;
  /** However large the crowd is, so many of those without a header of just their length. */
  least?: number;
}

/**
 * By the artifact's length: large cores have 1 to 4 in a MiB that may be a scalar; small ones of a Python that has loaded some modules 3,000 to
 * 6,000, which a gate under `--strict` would refuse for nothing. Where there are more, those that come first are worth trying.
 */
const ALL = { least: 8192, bytes: 3 << 16 };
const SELECTION = { least: 1000, bytes: 1 << 21 };
const MIN_NUMBERS = 128;
const MAX_NUMBERS = 20_000;

/** For numbers of `size` bytes in an artifact of `length` bytes. Longer ones cost more: above 384 bits ten times as much. */
export function scalarBudget(length: number, size: number, budget: Budget): ScalarBudget {
  const share = size > 48 ? 8 : size > 32 ? 2 : 1;
  const room = ({ least, bytes }: typeof ALL): number =>
    budget(Math.max(MIN_NUMBERS, Math.floor(Math.min(MAX_NUMBERS, Math.max(least, length / bytes)) / share)));
  return { all: room(ALL), most: room(SELECTION) };
}

/**
 * Indices of the numbers that may be scalars: all, or where there are more than `all`, `most` of them or fewer. Among these those behind a header of just such an object come
 * first, then the likely ones before the others, those of small crowds before those of large ones; before them all what stands between two copies of a public key, and
 * last those that `isLast` says. Libraries have tables of a curve's points, a thousand numbers and more. `count`: of all that may be scalars.
 */
function choose(
  set: NumberSet,
  { all, most, least = MIN_NUMBERS }: ScalarBudget,
  crowds: HeaderFrequency,
  isLast: (index: number) => boolean = () => false,
): { chosen: number[]; count: number } {
  const likely: number[] = [];
  const others: number[] = [];
  for (let i = 0; i < set.length; i++) {
    if (set.flags(i) & LIKELY) likely.push(i);
    else if (set.flags(i) & SCALAR) others.push(i);
  }
  const scalars = [...likely, ...others];
  const count = scalars.length;
  if (count <= all) return { chosen: scalars, count };
  const fitting = likely.reduce((sum, i) => sum + (set.flags(i) & FITTED ? 1 : 0), 0);
  // The larger the crowd, the less is a sample of its others worth; a Java that has made an RSA key has 40,000 arrays of 32 bytes.
  const sample = Math.max(least, Math.floor((most * all) / count));
  const room = Math.min(Math.max(most, Math.floor(all / 2)), fitting + sample);
  const first = firstAllowed(byRank(set, likely, crowds.groupSizes(set, likely)), room, isLast);
  if (first.length === room) return { chosen: first, count };
  const chosen = firstAllowed(byRank(set, scalars, crowds.groupSizes(set)), room, isLast);
  const taken = new Set(chosen);
  for (const i of scalars) if (chosen.length < room && !taken.has(i)) chosen.push(i);
  return { chosen, count };
}

/** The first `most` that are not to come last: few of a crowd are asked. */
function firstAllowed(
  ordered: readonly number[],
  most: number,
  isLast: (index: number) => boolean,
): number[] {
  const chosen: number[] = [];
  for (const i of ordered) {
    if (chosen.length === most) break;
    if (!isLast(i)) chosen.push(i);
  }
  return chosen;
}

/** In place, those behind a header of just such an object first, then the likely ones, among these and among the others those of small crowds. */
function byRank(set: NumberSet, scalars: number[], sizes: Uint32Array): number[] {
  const rank = (i: number) => {
    const flags = set.flags(i);
    if (flags & BETWEEN_COPIES) return 0;
    return (flags & FITTED ? 0 : flags & LIKELY ? 1 : 2) * (set.length + 1) + sizes[i]!;
  };
  return scalars.sort((a, b) => rank(a) - rank(b));
}

/** As many as there is room for, in the order of the set; the others are told. */
export function chooseScalars(
  set: NumberSet,
  room: ScalarBudget,
  search: string,
  crowds: HeaderFrequency,
  shortfall: SkippedWork,
  isLast?: (index: number) => boolean,
): number[] {
  const { chosen, count } = choose(set, room, crowds, isLast);
  const left = count - chosen.length;
  if (left > 0) {
    const { from, to } = set.extent;
    shortfall.add(search, 'numbers that may be private keys were not tried', from, to, left);
  }
  return chosen.sort((a, b) => a - b);
}

/** The `most` that come first. */
export const firstScalars = (set: NumberSet, most: number, crowds: HeaderFrequency): number[] =>
  choose(set, { all: most, most, least: most }, crowds).chosen;
