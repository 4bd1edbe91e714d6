import { distinctBytes } from '../core/base/bytes/distinct.js';
import { type KnownForm, LONG_KEY } from './known-form.js';
import { KnownScanner } from './known-scanner.js';
import { KnownTableBuilder } from './known-table.js';

/** Bytes. Shorter secrets are left out: they would mask half of every text. */
export const SHORTEST_SECRET = 6;
/** Caps; beyond them only the rules mask. `short`: secrets that are shorter than a key of a table. */
const MOST = { bytes: 1 << 25, keys: 1 << 22, short: 1 << 17 };
/** Keys of one table, which doubles at once: of more that would take too long. */
const KEYS_OF_TABLE = 600_000;

/** Parts that are masked: 12 bytes, or 16 of a text but at its start, and 64 in the middle of a long one. */
const LEAST_DISTINCT = 4;
const BINARY: KnownForm = { bits: [8], least: 8 * 12, distinct: LEAST_DISTINCT, text: false };
const TEXT: KnownForm = { ...BINARY, least: 8 * 16, leastAtStart: 8 * 12, leastInMiddle: 8 * 64 };

/** Receives a secret, or a part of one: the bytes [start, end). */
type OnSecret = (start: number, end: number, ruleId: string) => void;

/** A table of secrets, and its scanner. */
class Table {
  readonly builder: KnownTableBuilder;
  readonly scanner: KnownScanner;

  constructor(forms: readonly KnownForm[]) {
    this.builder = new KnownTableBuilder(forms, 1);
    this.scanner = new KnownScanner(this.builder.table, new Uint8Array(0));
  }
}

/** The first {@link SHORTEST_SECRET} bytes as an integer. */
function shortKey(bytes: Uint8Array, at: number): number {
  let key = 0;
  for (let i = 0; i < SHORTEST_SECRET; i++) key = key * 256 + bytes[at + i]!;
  return key;
}

/** Secrets that are masked in short texts, among them all that a scan has found so far. */
export class SecretIndex {
  /** Forms by rule: those of text, and others. */
  readonly #forms: (KnownForm & { ruleId: string })[] = [];
  /** The last one takes further secrets. */
  readonly #tables = [new Table(this.#forms)];
  /** Bytes and keys of the tables before it. */
  readonly #full = { bytes: 0, keys: 0 };
  /** Secrets shorter than a key of a table, by their first bytes. */
  readonly #short = new Map<number, { bytes: Uint8Array; ruleId: string }[]>();
  #shortCount = 0;

  get isEmpty(): boolean {
    return this.#tables[0]!.builder.table.count === 0 && this.#short.size === 0;
  }

  /**
   * Adds a secret; `text`: its parts are characters. Returns false if it is known, too short, uniform, or
   * beyond the caps.
   */
  add(bytes: Uint8Array, ruleId: string, text: boolean): boolean {
    const { length } = bytes;
    if (length < SHORTEST_SECRET) return false;
    if (!text && distinctBytes(bytes, 0, length, LEAST_DISTINCT) < LEAST_DISTINCT) return false;
    if (length < LONG_KEY) return this.#addShort(bytes, ruleId);
    const last = this.#tables.at(-1)!.builder;
    const isFull =
      this.#full.bytes + last.length + length > MOST.bytes ||
      this.#full.keys + last.keys + length > MOST.keys;
    const value = { bytes, form: this.#formOf(text ? TEXT : BINARY, ruleId) };
    return !isFull && !this.#tables.some(({ builder }) => builder.has(value)) && this.#open().add(value);
  }

  /** The table that has room. */
  #open(): KnownTableBuilder {
    const { builder } = this.#tables.at(-1)!;
    if (builder.keys < KEYS_OF_TABLE) return builder;
    this.#full.bytes += builder.length;
    this.#full.keys += builder.keys;
    const next = new Table(this.#forms);
    this.#tables.push(next);
    return next.builder;
  }

  /** The secrets in some bytes. `joined`: words were joined, in which a short secret is there by chance. */
  scan(bytes: Uint8Array, joined: boolean, found: OnSecret): void {
    if (!joined && this.#short.size > 0) this.#scanShort(bytes, found);
    for (const { scanner } of this.#tables)
      scanner
        .read(bytes)
        .scan(bytes.length, 0, bytes.length, (start, end, form) =>
          found(start, end, this.#forms[form]!.ruleId),
        );
  }

  /** Overwrites all secrets, and forgets them. */
  wipe(): void {
    for (const { builder } of this.#tables) builder.wipe();
    for (const each of this.#short.values()) for (const { bytes } of each) bytes.fill(0);
    this.#short.clear();
    this.#shortCount = 0;
  }

  #formOf(form: KnownForm, ruleId: string): number {
    const known = this.#forms.findIndex((each) => each.ruleId === ruleId && each.least === form.least);
    return known === -1 ? this.#forms.push({ ...form, ruleId }) - 1 : known;
  }

  #addShort(bytes: Uint8Array, ruleId: string): boolean {
    const key = shortKey(bytes, 0);
    const known = this.#short.get(key) ?? [];
    if (this.#shortCount === MOST.short || known.some((each) => Buffer.compare(each.bytes, bytes) === 0))
      return false;
    this.#short.set(key, [...known, { bytes: Uint8Array.from(bytes), ruleId }]);
    this.#shortCount++;
    return true;
  }

  #scanShort(bytes: Uint8Array, found: OnSecret): void {
    for (let at = 0; at + SHORTEST_SECRET <= bytes.length; at++)
      for (const { bytes: secret, ruleId } of this.#short.get(shortKey(bytes, at)) ?? [])
        if (secret.every((byte, i) => byte === bytes[at + i])) found(at, at + secret.length, ruleId);
  }
}
