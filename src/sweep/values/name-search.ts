import { code, isControl, isLineEnd, KINDS, RUN } from './alphabet.js';
import { RunContext } from './context.js';
import { endOfValue } from './extent.js';
import { Makeup } from './forms.js';
import { isArmoured, isInPath, startOfEnclosed } from './front.js';
import { isGated } from './gates.js';
import { JoinSteps, type Refusal } from './join-steps.js';
import { NameFinder } from './names.js';
import { LONGEST_VALUE } from './narrow.js';
import { type PlaceShape, SHAPE_WORDS, ValuePlace } from './place.js';
import { SHORTEST_RUN } from './random.js';
import { PlaceFinder } from './shapes.js';
import { ENTRY, NEAREST_WORDS, ROW, ROW_FLAG, SERVICE, type Tables } from './tables.js';
import { CONTEXT } from './value-run.js';
import { Words } from './words.js';

/** Tests the value [start, end) against a pattern of a service: form `form` of rule `rule`. */
export type Accepts = (rule: number, form: number, start: number, end: number) => boolean;

/** Distance in characters from a value to a name that has no shape, to a service's name, and to any name. */
const NEAR = { name: 32, service: 80, words: NEAREST_WORDS };

/**
 * Not the name directly before the value: a name on the line above, which may belong to a PEM block, or in a
 * text that goes on in the value.
 */
const LOOSE: ReadonlySet<PlaceShape> = new Set<PlaceShape>(['line', 'none', 'beside']);
const isStrict = (shape: PlaceShape): boolean => !LOOSE.has(shape);

/**
 * Fronts of values that are something else: JSON Web Tokens, digests (Subresource Integrity, section 3.1),
 * key IDs of AWS.
 */
const OTHER = ['eyJ', 'sha1-', 'sha256-', 'sha384-', 'sha512-', 'AKIA', 'ASIA'].map((front) => [
  ...Buffer.from(front),
]);

/** Digits of SHA-1 and SHA-2; and of MD5, too. */
const DIGESTS = [40, 56, 64, 96, 128];
const SUMS = [32, ...DIGESTS];

/** Digits of the fingerprint of an OpenPGP key and of its end (RFC 9580, 5.5.4). */
const FINGERPRINTS = [40, 16];

/** Shapes in which a path may be before the checksum of its file, and a sentence before a fingerprint. */
const LISTED: ReadonlySet<PlaceShape> = new Set<PlaceShape>(['line', 'none', 'spaced', 'scheme']);

/** Shortest hex of a key whose name says only `key`; fingerprints are shorter. */
const SHORTEST_HEX = 32;

type Verdict = 'joined' | 'unnamed' | 'vetoed';

/** The search for the name of one run. It owns all that it works with: a search allocates nothing. */
export class NameSearch {
  readonly context = new RunContext();
  readonly place = new ValuePlace();
  readonly steps = new JoinSteps();
  readonly #places = new PlaceFinder(this.context, this.place);
  readonly #words = new Words();
  readonly #names = new NameFinder(this.#words);
  readonly #makeup = new Makeup();

  text: Uint8Array = this.context.bytes;
  start = 0;
  end = 0;
  /** End of the text. */
  limit = 0;
  tables!: Tables;
  accepts: Accepts | undefined = undefined;

  /** The result. */
  rule = -1;
  valueStart = 0;
  valueEnd = 0;
  medium = false;
  /** The name says little: `key`. */
  weak = false;
  direct = false;
  nameStart = 0;
  nameEnd = 0;

  /** Index behind the last control character of the context: what is before may be other memory. */
  #barrier = 0;

  run(text: Uint8Array, start: number, end: number, limit: number): boolean {
    const { context } = this;
    const words = this.#words;
    this.text = text;
    this.start = start;
    this.end = end;
    this.limit = Math.min(limit, end + CONTEXT);
    if (end - start < SHORTEST_RUN || end - start > LONGEST_VALUE) return false;
    context.read(text, Math.max(0, start - CONTEXT), start, end);
    if (end - context.start < SHORTEST_RUN) return false;
    words.read(context.bytes, Math.max(0, context.length - NEAR.words), context.length, this.tables);
    if (!words.useful) return this.steps.refuse('noName');
    return isArmoured(context) ? this.steps.refuse('armoured') : this.#join();
  }

  /**
   * Joins a value with the name of what holds it, as `NAME=VALUE` is joined: that is what `text` is. `start`:
   * of the value.
   */
  runOwned(text: Uint8Array, start: number): boolean {
    const { context, place } = this;
    this.text = text;
    this.start = start;
    this.end = this.limit = text.length;
    context.read(text, Math.max(0, start - CONTEXT), start, start);
    this.#words.read(context.bytes, Math.max(0, context.length - NEAR.words), context.length, this.tables);
    place.shape = 'owner';
    place.nameStart = 0;
    place.nameEnd = context.length - 1;
    place.value = context.length;
    place.quote = 0;
    place.prose = place.sentence = false;
    return this.#words.useful && this.#directly() === 'joined';
  }

  /** True if some value could be joined with the name by {@link runOwned}. */
  mayName(name: Uint8Array): boolean {
    const words = this.#words;
    const names = this.#names;
    const from = Math.max(0, name.length - NEAR.words);
    words.read(name, from, name.length, this.tables);
    if (!words.useful) return false;
    const [first, last] = [names.firstWord(0), names.lastWord(name.length)];
    if (names.findRow(name, first, last, false, this.tables))
      return !names.isVetoed(name, first, last, names.first, names.last, this.tables);
    return !names.isVetoed(name, first, last, last + 1, last + 1, this.tables);
  }

  #join(): boolean {
    if (this.#places.find()) {
      const verdict = this.#directly();
      if (verdict !== 'unnamed') return verdict === 'joined';
      const second = this.#secondName();
      if (second !== 'unnamed') return second === 'joined';
    }
    const enclosed = this.#enclosed();
    if (enclosed !== 'unnamed') return enclosed === 'joined';
    return this.#near();
  }

  /** `a:b` behind another name: the token of a Telegram bot begins with its number. */
  #secondName(): Verdict {
    const { context, place } = this;
    const { nameStart, nameEnd, value } = place;
    const { bytes, plain } = context;
    const mark = bytes[nameEnd];
    let start = nameStart;
    while (start > 0 && (KINDS[bytes[start - 1]!]! & RUN) !== 0) start--;
    if (mark !== code(':') || nameEnd !== value - 1 || start < plain) return 'unnamed';
    return this.#places.findBefore(start) ? this.#directly() : 'unnamed';
  }

  /** A value in quotes of which the run is only a part. */
  #enclosed(): Verdict {
    const { context } = this;
    const start = startOfEnclosed(context);
    if (start < 0 || !this.#places.findBefore(start)) return 'unnamed';
    const verdict = this.#directly();
    return verdict === 'joined' && this.weak ? 'unnamed' : verdict;
  }

  /** The name that the shape of the place gives. */
  #directly(): Verdict {
    const { context, place } = this;
    const words = this.#words;
    const names = this.#names;
    const { bytes } = context;
    const { tables } = this;
    const [from, to] = [names.firstWord(place.nameStart), names.lastWord(place.nameEnd)];
    if (from > to) return 'unnamed';
    this.steps.shapeFound(SHAPE_WORDS[place.shape]);
    const named = names.findRow(bytes, from, to, place.prose, tables);
    const [first, last] = named ? [names.first, names.last] : [to + 1, to + 1];
    if (names.isVetoed(bytes, from, to, first, last, tables)) return this.#vetoed('vetoed');
    this.#extend();
    if (this.#isOther()) return this.#vetoed('other');
    const strict = isStrict(place.shape);
    this.direct = true;
    this.nameStart = words.start[Math.min(first, from)]!;
    this.nameEnd = words.end[to]!;
    if (LISTED.has(place.shape) && this.#isIdentity()) return this.#vetoed('identity');
    const service = this.#service(from, to, true);
    if (service >= 0) return this.#found(service, strict);
    if (!named) {
      this.steps.refuse('unnamed');
      return 'unnamed';
    }
    const { row } = names;
    const near = this.#service(names.firstWord(context.length - NEAR.service), from - 1, false);
    if (near >= 0) return this.#found(near, strict);
    const strong = (tables.rows[row + ROW.flags]! & ROW_FLAG.strong) !== 0;
    const gated = isGated(this.text, this.valueStart, this.valueEnd);
    const loose = !strict || (place.sentence && names.isInPhrase(bytes, from));
    if (!strong && (gated || loose || this.#isHex(SHORTEST_HEX))) return this.#vetoed('weak');
    if (gated) this.steps.refuse('gated');
    return this.#found(tables.rows[row + ROW.rule]!, strict && !gated, !strong);
  }

  /** True if the value is hex, and shorter than that. */
  #isHex(least = Number.POSITIVE_INFINITY): boolean {
    this.#makeup.read(this.text, this.valueStart, this.valueEnd);
    return this.valueEnd - this.valueStart < least && this.#makeup.isHex();
  }

  /** True if the value may be a digest: hex of its length, or on a line of its own. */
  #isDigest(nameStart: number): boolean {
    const { context } = this;
    if (!this.#isHex()) return false;
    if (DIGESTS.includes(this.valueEnd - this.valueStart)) return true;
    for (let at = nameStart; at < context.length; at++) if (isLineEnd(context.bytes[at]!)) return true;
    return false;
  }

  /** True if the value may be the checksum of a file whose path has the name, or a key's fingerprint. */
  #isIdentity(): boolean {
    const length = this.valueEnd - this.valueStart;
    if (!SUMS.includes(length) && !FINGERPRINTS.includes(length)) return false;
    if (!this.#isHex()) return false;
    if (FINGERPRINTS.includes(length) && this.#makeup.isUpperHex()) return true;
    return SUMS.includes(length) && isInPath(this.context, this.nameStart, this.nameEnd);
  }

  #vetoed(why: Refusal): Verdict {
    this.steps.refuse(why);
    return 'vetoed';
  }

  #found(rule: number, medium: boolean, weak = false): Verdict {
    this.rule = rule;
    this.weak = weak;
    this.medium = medium;
    return 'joined';
  }

  /** Sets the whole value. */
  #extend(): void {
    const { context, place } = this;
    const front = place.value < context.plain ? 0 : context.length - place.value;
    this.valueStart = context.start - front;
    this.valueEnd = endOfValue(this.text, this.end, this.limit, place.shape, place.quote);
  }

  /** JSON Web Tokens have a rule of their own; a digest says what it is. */
  #isOther(): boolean {
    return OTHER.some((front) => front.every((byte, i) => this.text[this.valueStart + i] === byte));
  }

  /** Rule of the service named in the words [from, to] whose form the value has, or -1. Long names first. */
  #service(from: number, to: number, loose: boolean): number {
    const words = this.#words;
    const { entries } = this.tables;
    let longest = 0;
    let rule = -1;
    for (let match = words.matches - 1; match >= 0; match--) {
      if (words.first[match]! < from || words.last[match]! > to) continue;
      const entry = words.entry[match]!;
      const length = entries[entry + ENTRY.length]!;
      if (entries[entry + ENTRY.serviceCount] === 0 || length <= longest) continue;
      const found = this.#serviceOf(entry, loose);
      if (found < 0) continue;
      longest = length;
      rule = found;
    }
    return rule;
  }

  #serviceOf(entry: number, loose: boolean): number {
    const { entries, lists, services } = this.tables;
    const first = entries[entry + ENTRY.services]!;
    const count = entries[entry + ENTRY.serviceCount]!;
    for (let i = first; i < first + count; i++) {
      const service = lists[i]! * SERVICE.size;
      if (this.#hasForm(service, loose)) return services[service + SERVICE.rule]!;
    }
    return -1;
  }

  /** Tests the whole value, then its run alone. */
  #hasForm(service: number, loose: boolean): boolean {
    const { context } = this;
    const { text, tables, accepts } = this;
    const rule = tables.services[service + SERVICE.rule]!;
    const { valueStart, valueEnd } = this;
    const test = (from: number, to: number): boolean => {
      this.#makeup.read(text, from, to);
      return this.#makeup.hasForm(
        tables,
        service,
        loose,
        accepts && ((form) => accepts(rule, form, from, to)),
      );
    };
    if (test(valueStart, valueEnd)) return true;
    if (!this.direct || (valueStart === context.start && valueEnd === this.end)) return false;
    if (!test(context.start, this.end)) return false;
    this.valueStart = context.start;
    this.valueEnd = this.end;
    return true;
  }

  /** Names at some distance. */
  #near(): boolean {
    const { context, place } = this;
    const words = this.#words;
    const names = this.#names;
    this.#places.find();
    place.shape = 'none';
    this.direct = false;
    this.#setBarrier();
    const last = words.count - 1;
    const nearest = names.endOfIdentifier(context.bytes, last);
    if (words.end[nearest]! >= context.length - NEAR.name && this.#isNegative(nearest))
      return this.steps.refuse('vetoed');
    this.#extend();
    if (this.#isOther()) return this.steps.refuse('other');
    return this.#nearService() || this.#nearName() || this.steps.refuse('distant');
  }

  #setBarrier(): void {
    const { context } = this;
    const { bytes, length } = context;
    this.#barrier = length;
    while (this.#barrier > 0 && !isControl(bytes[this.#barrier - 1]!)) this.#barrier--;
  }

  #isNegative(word: number): boolean {
    const { context } = this;
    const words = this.#words;
    const names = this.#names;
    if (words.start[word]! < this.#barrier) return false;
    const from = names.startOfIdentifier(context.bytes, word);
    const named = names.findRow(context.bytes, from, word, false, this.tables);
    const [first, last] = named ? [names.first, names.last] : [word + 1, word + 1];
    return names.isVetoed(context.bytes, from, word, first, last, this.tables);
  }

  /** The row of the identifier around a match, or -1: one that is enough at a distance. */
  #rowAround(match: number): number {
    const { context } = this;
    const words = this.#words;
    const names = this.#names;
    const { bytes } = context;
    const from = names.startOfIdentifier(bytes, words.first[match]!);
    const to = names.endOfIdentifier(bytes, words.last[match]!);
    if (!names.findRow(bytes, from, to, false, this.tables)) return -1;
    const { row, first, last } = names;
    if ((this.tables.rows[row + ROW.flags]! & ROW_FLAG.strong) === 0) return -1;
    if (names.isVetoed(bytes, from, to, first, last, this.tables)) return -1;
    this.nameStart = words.start[from]!;
    this.nameEnd = words.end[to]!;
    return row;
  }

  #nearService(): boolean {
    const { context } = this;
    const words = this.#words;
    const { entries } = this.tables;
    for (let match = words.matches - 1; match >= 0; match--) {
      const entry = words.entry[match]!;
      const start = words.start[words.first[match]!]!;
      if (start < context.length - NEAR.service) return false;
      if (entries[entry + ENTRY.serviceCount] === 0) continue;
      const rule = this.#serviceOf(entry, false);
      if (rule < 0) continue;
      const row = this.#rowAround(match);
      // Other memory may be between them: the name must also say that it is a secret's.
      if (row < 0 && (start < this.#barrier || this.#isDigest(start))) continue;
      if (row < 0) {
        this.nameStart = start;
        this.nameEnd = words.end[words.last[match]!]!;
      }
      if (this.#isIdentity()) return this.steps.refuse('identity');
      if (isGated(this.text, this.valueStart, this.valueEnd)) return this.steps.refuse('gated');
      return this.#found(rule, false) === 'joined';
    }
    return false;
  }

  #nearName(): boolean {
    const { context } = this;
    const words = this.#words;
    const { entries, rows } = this.tables;
    for (let match = words.matches - 1; match >= 0; match--) {
      const start = words.start[words.first[match]!]!;
      if (start < this.#barrier || start < context.length - CONTEXT) return false;
      if (words.end[words.last[match]!]! < context.length - NEAR.name) continue;
      if (entries[words.entry[match]! + ENTRY.row]! < 0) continue;
      const row = this.#rowAround(match);
      if (row < 0) continue;
      if (this.#isIdentity()) return this.steps.refuse('identity');
      if (isGated(this.text, this.valueStart, this.valueEnd)) return this.steps.refuse('gated');
      return this.#found(rows[row + ROW.rule]!, false) === 'joined';
    }
    return false;
  }
}
