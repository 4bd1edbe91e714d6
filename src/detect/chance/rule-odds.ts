import type { Rule } from '../../rules/types.js';
import { KIND, KINDS, LONGEST_RUN } from '../../sweep/values/random.js';
import { type Cell, rowsOf } from '../text/needs.js';
import { alphabetOf, readPattern } from '../text/pattern.js';
import type { ValueCount } from './value-census.js';

/** A path through a pattern: single characters of a set, and repetitions. */
type Row = readonly Cell[];

const isAlphanumeric = (code: number): boolean => /[0-9A-Za-z]/.test(String.fromCharCode(code));
const shareOf = ({ characters }: Alphabet, passes: (code: number) => boolean): number =>
  characters.filter(passes).length / characters.length;

/** Share of an alphabet's characters that are in the set of each cell, and pass. */
function sharesOf(row: Row, alphabet: Alphabet, passes: (code: number) => boolean): number[] {
  const known = new Map<Uint8Array, number>();
  return row.map((cell) => {
    const set = cell instanceof Uint8Array ? cell : cell.open;
    const share = known.get(set) ?? shareOf(alphabet, (code) => set[code] === 1 && passes(code));
    known.set(set, share);
    return share;
  });
}

/** Upper bound of the probability that random text of any length matches a row. */
function mostChance(row: Row, alphabet: Alphabet): number {
  const shares = sharesOf(row, alphabet, () => true);
  return row.reduce((chance, cell, i) => {
    const share = shares[i]!;
    if (cell instanceof Uint8Array) return chance * share;
    const lengths = Math.min(cell.most - cell.least + 1, 1 / (1 - share), LONGEST_RUN);
    return chance * share ** cell.least * lengths;
  }, 1);
}

/** Probability, by length, that random text matches a row and has only characters that pass. */
function chancesOf(row: Row, alphabet: Alphabet, passes: (code: number) => boolean): Float64Array {
  const shares = sharesOf(row, alphabet, passes);
  let chances = new Float64Array(LONGEST_RUN + 1);
  chances[0] = 1;
  let longest = 0;
  for (const [i, cell] of row.entries()) {
    const share = shares[i]!;
    const { least, most } = cell instanceof Uint8Array ? { least: 1, most: 1 } : cell;
    const next = new Float64Array(LONGEST_RUN + 1);
    for (let length = 0; length <= longest; length++) {
      if (chances[length] === 0) continue;
      let chance = chances[length]! * share ** least;
      for (let count = least; count <= most && length + count <= LONGEST_RUN && chance > 0; count++) {
        next[length + count]! += chance;
        chance *= share;
      }
    }
    chances = next;
    longest = Math.min(LONGEST_RUN, longest + most);
  }
  return chances;
}

/** Upper bound of the probability that random text around a value has one of the names that a rule needs. */
function chanceOfName({ near, caseless }: Rule, alphabet: Alphabet): number {
  if (near === undefined) return 1;
  const spelt = (code: number) => String.fromCharCode(code);
  const isSame = (code: number, wanted: number): boolean =>
    code === wanted || (caseless && spelt(code).toLowerCase() === spelt(wanted).toLowerCase());
  const each = near.anchors.map(({ bytes }) =>
    bytes.reduce((chance, wanted) => chance * shareOf(alphabet, (code) => isSame(code, wanted)), 1),
  );
  const sum = each.reduce((total, chance) => total + chance, 0);
  return Math.min(1, 2 * near.within * sum);
}

/** Expected matches in one random value by its length. */
function matchesByLength(rows: readonly Row[], alphabet: Alphabet, rule: Rule): Float64Array {
  const sum = (passes: (code: number) => boolean): Float64Array => {
    const all = rows.map((row) => chancesOf(row, alphabet, passes));
    return new Float64Array(LONGEST_RUN + 1).map((_, length) =>
      all.reduce((total, chances) => total + chances[length]!, 0),
    );
  };
  const chances = sum(() => true);
  // Values without a separator count as of the alphabet without separators.
  const alphanumeric = shareOf(alphabet, isAlphanumeric);
  const unmarked = alphanumeric < 1 ? sum(isAlphanumeric) : undefined;
  const token = alphabetOf(rule.pattern ?? '');
  const isWhole = rule.boundary === 'token';
  // As continuesBefore and continuesAfter of detect/text/pattern.ts.
  const before = isWhole ? shareOf(alphabet, (code) => !isAlphanumeric(code)) : 1;
  const after = isWhole ? shareOf(alphabet, (code) => !token.has(String.fromCharCode(code))) : 1;
  const name = chanceOfName(rule, alphabet);
  let [shorter, weighted] = [0, 0];
  return chances.map((whole, length) => {
    // Shorter matches at the start, at the end, and at each place between.
    const inside = (length - 1) * shorter - weighted;
    const matches = whole - (unmarked?.[length] ?? 0) + (before + after) * shorter + before * after * inside;
    shorter += whole;
    weighted += length * whole;
    return (matches * name) / (unmarked ? 1 - alphanumeric ** length || 1 : 1);
  });
}

/** No artifact has enough random values to match by chance: 2^40 of them take 20 TB. */
const STRONG_BITS = 40;

/**
 * How likely random values match the pattern of a rule, from its text alone: the fixed characters that it
 * has, the sets of the others, and its lengths.
 */
export class RuleOdds {
  /** Bits that the pattern fixes in a random value of the alphabet that suits it best. */
  readonly bits: number;
  readonly #rule: Rule;
  readonly #rows: readonly Row[];
  readonly #matches = new Map<Alphabet, Float64Array>();

  constructor(rule: Rule) {
    const group = readPattern(rule.pattern ?? '');
    this.#rule = rule;
    this.#rows = (group && rowsOf(group)) ?? [];
    const chances = ALPHABETS.map(
      (alphabet) =>
        chanceOfName(rule, alphabet) * this.#rows.reduce((sum, row) => sum + mostChance(row, alphabet), 0),
    );
    this.bits = -Math.log2(Math.max(...chances));
  }

  /** True if random values match now and then. */
  get isWeak(): boolean {
    return this.bits < STRONG_BITS;
  }

  /** Matches to expect by chance, and the number of values that are of a form in which one is possible. */
  expectedIn(counts: readonly ValueCount[]): { expected: number; values: number } {
    let [expected, values] = [0, 0];
    for (const { length, kinds, count } of counts) {
      const each = this.#matchesIn(alphabetFor(kinds))[length]!;
      expected += count * each;
      if (each > 0) values += count;
    }
    return { expected, values };
  }

  #matchesIn(alphabet: Alphabet): Float64Array {
    const known = this.#matches.get(alphabet) ?? matchesByLength(this.#rows, alphabet, this.#rule);
    this.#matches.set(alphabet, known);
    return known;
  }
}

const made = new WeakMap<Rule, RuleOdds>();

/** The odds of a rule, computed at its first use. */
export function oddsOf(rule: Rule): RuleOdds {
  const odds = made.get(rule) ?? new RuleOdds(rule);
  made.set(rule, odds);
  return odds;
}

/** An alphabet that random values are written in. */
interface Alphabet {
  name: string;
  /** Codes of its characters. */
  characters: readonly number[];
}

const UPPER = KIND.upperHex | KIND.upper;
const LOWER = KIND.lowerHex | KIND.lower;
const DIGITS = KIND.digit2to7 | KIND.digit;

/** Kinds of characters of each alphabet, those with fewer before those that contain them. */
const ROWS: readonly (readonly [name: string, kinds: number])[] = [
  ['upper-case hex', KIND.upperHex | DIGITS],
  ['hex', KIND.lowerHex | DIGITS],
  ['hex of both cases', KIND.upperHex | KIND.lowerHex | DIGITS],
  ['base32', UPPER | KIND.digit2to7],
  ['lower-case base32', LOWER | KIND.digit2to7],
  ['upper-case base36', UPPER | DIGITS],
  ['base36', LOWER | DIGITS],
  ['letters', UPPER | LOWER],
  ['base62', UPPER | LOWER | DIGITS],
  ['hex with hyphens', KIND.lowerHex | DIGITS | KIND.base64url],
  ['upper-case hex with hyphens', KIND.upperHex | DIGITS | KIND.base64url],
  ['upper-case base36 with hyphens', UPPER | DIGITS | KIND.base64url],
  ['base36 with hyphens', LOWER | DIGITS | KIND.base64url],
  ['base64', UPPER | LOWER | DIGITS | KIND.base64],
  ['base64url', UPPER | LOWER | DIGITS | KIND.base64url],
  ['base64 of both forms', 255],
];

const charactersOf = (kinds: number): number[] =>
  Array.from(KINDS.keys()).filter((code) => (KINDS[code]! & kinds) !== 0);

const ALPHABETS: readonly Alphabet[] = ROWS.map(([name, kinds]) => ({
  name,
  characters: charactersOf(kinds),
}));

const BY_KINDS = Uint8Array.from({ length: 256 }, (_, kinds) =>
  ROWS.findIndex(([, allowed]) => (kinds & ~allowed) === 0),
);

/** The smallest alphabet with all kinds of characters of a value. */
const alphabetFor = (kinds: number): Alphabet => ALPHABETS[BY_KINDS[kinds]!]!;
