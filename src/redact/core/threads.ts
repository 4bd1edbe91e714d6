import type { SegmentMap } from '../../formats/memory/segment-map.js';
import { ADDRESS_LIMIT, type AddressRange, AddressRanges, lowestOf } from './address-ranges.js';
import type { Plan, WordTest } from './plan.js';
import { refusals } from './refusals.js';

/** A stack that is in the file, from the stack pointer up. */
export interface Stack extends AddressRange {
  /** File offset of the first word. */
  offset: number;
}

/** Larger stacks are cut: Linux gives 8 MiB, and who asks for more rarely uses it. */
const MAX_STACK = 2n ** 26n;

/**
 * The stack from a stack pointer up to the end of its segment. `ends`: addresses where it may end before
 * that.
 */
export function stackAt(
  map: SegmentMap,
  sp: bigint,
  word: 4 | 8,
  ends: readonly bigint[] = [],
): Stack | undefined {
  const start = sp - (sp % BigInt(word));
  const place = map.place(start);
  if (place === undefined) return undefined;
  const { segment, offset } = place;
  const limits = [segment.address + BigInt(segment.length), start + MAX_STACK, ...ends];
  const end = lowestOf(limits.filter((limit) => limit > start));
  if (end === undefined || end > BigInt(ADDRESS_LIMIT)) return undefined;
  return { start, end, offset };
}

/** Of a stack whose end is not known: that of a coroutine or signal handler may lie among data on a heap. */
const MAX_UNBOUNDED = 2n ** 18n;

/** The part of a stack that surely belongs to it, where nothing tells its end. */
export function startOf(stack: Stack): Stack {
  const end = stack.start + MAX_UNBOUNDED;
  return end < stack.end ? { ...stack, end } : stack;
}

/** The largest sum of executable memory, 16 GiB. */
const MAX_CODE = 2 ** 34;

/** Throws where so much memory is called executable that data would look like its addresses. */
export function refuseCodeEverywhere(code: AddressRanges): void {
  if (code.size > MAX_CODE) throw refusals.codeEverywhere();
}

/** The test of words on the stacks of a thread, and in its registers. */
export function testOf(stacks: readonly AddressRange[], base: Omit<WordTest, 'stacks'>): WordTest {
  return { ...base, stacks: AddressRanges.of(stacks) };
}

/**
 * Plans the stacks of all threads. A thread has one, and more where a signal interrupted it on another. Where
 * several lie in one another, words belong to the one that begins last.
 */
export function planStacks(
  plan: Plan,
  threads: readonly (readonly Stack[])[],
  base: Omit<WordTest, 'stacks'>,
): void {
  const all = threads.flatMap((stacks) => {
    const test = testOf(stacks, base);
    return stacks.map((stack) => ({ ...stack, length: Number(stack.end - stack.start), test }));
  });
  all.sort((a, b) => a.offset - b.offset || b.length - a.length);
  const open: typeof all = [];
  let at = 0;
  const planUntil = (to: number): void => {
    for (let last = open.at(-1); last !== undefined && at < to; last = open.at(-1)) {
      const until = Math.min(to, last.offset + last.length);
      if (until > at) plan.filter({ offset: at, length: until - at }, last.test, 'constant');
      at = Math.max(at, until);
      if (at < to) open.pop();
    }
  };
  for (const stack of all) {
    planUntil(stack.offset);
    at = stack.offset;
    open.push(stack);
  }
  planUntil(Number.POSITIVE_INFINITY);
}
