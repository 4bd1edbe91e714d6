import type { Domain } from '../../../core/asn1/domain.js';
import { FITTED } from '../../../sweep/runs/records.js';
import type { NumberSet } from '../../core/number-set.js';
import type { Scale } from '../../core/skipped-work.js';
import { BETWEEN_COPIES, LIKELY, SCALAR } from '../numbers/number-flags.js';
import type { HeaderFrequency } from '../numbers/scalar-rank.js';
import { repeated } from '../points/candidate-order.js';

/** How many numbers of one size are multiplied on a curve: all of them up to `all`, otherwise `most`. */
interface ScalarBudget {
  all: number;
  most: number;
  /** Least number of candidates without a header of exactly their length. */
  least?: number;
}

/**
 * By the artifact's length. Large cores have 1 to 4 possible scalars in a MiB; small ones of a Python with
 * some modules loaded have 3,000 to 6,000 in all, which must not fail a gate with `--strict`. In larger sets
 * the first candidates are still worth trying.
 */
const ALL = { least: 8192, bytes: 3 << 16 };
const SELECTION = { least: 1000, bytes: 1 << 21 };
/** Numbers tried besides because they are in more than one place. */
const MAX_REPEATED = 1000;
const MIN_NUMBERS = 128;
/** Larger than any index of a set. */
const RADIX = 2 ** 20;
const MAX_NUMBERS = 20_000;

/**
 * Budget for numbers of `size` bytes in an artifact of `length` bytes. Above 384 bits a multiplication costs
 * ten times as much. `computes`: the process computes points in plain numbers, as a textbook's code does.
 * Each signature leaves hundreds of them, alike in everything to the key.
 */
export function scalarBudget(length: number, size: number, budget: Scale, computes = false): ScalarBudget {
  const share = size > 48 ? 8 : size > 32 ? 2 : 1;
  const room = ({ least, bytes }: typeof ALL): number =>
    budget(Math.max(MIN_NUMBERS, Math.floor(Math.min(MAX_NUMBERS, Math.max(least, length / bytes)) / share)));
  return { all: room(computes ? { ...ALL, least: MAX_NUMBERS } : ALL), most: room(SELECTION) };
}

/**
 * Indices of the numbers that may be scalars: all of them, or at most `most` if there are more than `all`.
 * Order: numbers between two copies of a public key, behind a header of exactly their length, likely scalars,
 * others; within each, small header groups before large ones (libraries have tables of a thousand points and
 * more); last, those for which `isLast` is true. `count`: all that may be scalars.
 */
function choose(
  set: NumberSet,
  { all, most, least = MIN_NUMBERS }: ScalarBudget,
  headerFrequency: HeaderFrequency,
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
  // The larger the set, the less a sample of it is worth: a JVM that has generated an RSA key has 40,000
  // arrays of 32 bytes.
  const sample = Math.max(least, Math.floor((most * all) / count));
  const room = Math.min(Math.max(most, Math.floor(all / 2)), fitting + sample);
  const first = firstAllowed(byRank(set, likely, headerFrequency.groupSizes(set, likely)), room, isLast);
  if (first.length === room) return { chosen: first, count };
  const ordered = byRank(set, scalars, headerFrequency.groupSizes(set));
  const chosen = firstAllowed(ordered, room, isLast);
  const taken = new Set(chosen);
  for (const i of ordered) if (chosen.length < room && !taken.has(i)) chosen.push(i);
  return { chosen, count };
}

/** The first `most` for which `isLast` is false; called for no more than needed. */
function firstAllowed(ordered: Uint32Array, most: number, isLast: (index: number) => boolean): number[] {
  const chosen: number[] = [];
  for (const i of ordered) {
    if (chosen.length === most) break;
    if (!isLast(i)) chosen.push(i);
  }
  return chosen;
}

/** By flags, then by the size of the header group; numbers of one rank stay in their order. */
function byRank(set: NumberSet, scalars: readonly number[], sizes: Uint32Array): Uint32Array {
  const keys = new Float64Array(scalars.length);
  for (let k = 0; k < keys.length; k++) {
    const i = scalars[k]!;
    const flags = set.flags(i);
    const group = flags & FITTED ? 0 : flags & LIKELY ? 1 : 2;
    const rank = flags & BETWEEN_COPIES ? 0 : group * (set.length + 1) + sizes[i]!;
    keys[k] = rank * RADIX + k;
  }
  return Uint32Array.from(keys.sort(), (key) => scalars[key % RADIX]!);
}

/** The last choice of a complete set without `isLast`, and its budget: curves share it. */
const lastChoice = new WeakMap<NumberSet, { room: string; chosen: number[]; left: number }>();

/** Chosen indices in the order of the set; `report` gets the number of scalars left out. */
export function chooseScalars(
  set: NumberSet,
  room: ScalarBudget,
  headerFrequency: HeaderFrequency,
  report: (left: number) => void,
  isLast?: (index: number) => boolean,
): readonly number[] {
  const key = [set.length, room.all, room.most, room.least].join();
  const known = isLast === undefined ? lastChoice.get(set) : undefined;
  const choice = known?.room === key ? known : { room: key, ...chosenOf(set, room, headerFrequency, isLast) };
  if (isLast === undefined) lastChoice.set(set, choice);
  if (choice.left > 0) report(choice.left);
  return choice.chosen;
}

function chosenOf(
  set: NumberSet,
  room: ScalarBudget,
  headerFrequency: HeaderFrequency,
  isLast?: (index: number) => boolean,
): { chosen: number[]; left: number } {
  const { chosen: likely, count } = choose(set, room, headerFrequency, isLast);
  const often = likely.length < count ? [...repeated(set, MAX_REPEATED)] : [];
  const chosen = [...new Set([...likely, ...often.filter((i) => set.flags(i) & SCALAR && !isLast?.(i))])];
  return { chosen: chosen.sort((a, b) => a - b), left: count - chosen.length };
}

/** Cost of one multiple in the kernel, in multiples on P-256 by OpenSSL (13 us). */
const COSTS: Readonly<Record<string, number>> = {
  secp256k1: 0.4,
  brainpoolP256r1: 0.6,
  'P-256': 0.75,
  'P-384': 1.3,
  brainpoolP384r1: 1.3,
  brainpoolP320r1: 3.5,
  brainpoolP512r1: 12,
  'P-521': 16,
};

export const scalarCost = ({ name }: Pick<Domain, 'name'>): number => COSTS[name] ?? 16;

export const UNTRIED = 'numbers that may be private keys were not tried';

/** Number of a set's numbers that may be scalars. */
export function countScalars(set: NumberSet): number {
  let count = 0;
  for (let i = 0; i < set.length; i++) if (set.flags(i) & (SCALAR | LIKELY)) count++;
  return count;
}

/** The `most` likeliest scalars. */
export const firstScalars = (set: NumberSet, most: number, headerFrequency: HeaderFrequency): number[] =>
  choose(set, { all: most, most, least: most }, headerFrequency).chosen;
