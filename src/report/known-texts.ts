import { partitionPoint } from '../base/bytes/binary-search.js';
/** Shorter secrets are not learnt: they would mask half of every text. In bytes. */
export const LEAST = 6;
/** A cut copy of a secret (a thread's name has 15 characters) is masked from so many bytes on. */
const LEAST_PREFIX = 12;
/** Secrets learnt; beyond that only the rules mask. */
const MOST = 100_000;

/**
 * Secrets as they would stand in text, one character a byte. A flood of them that begin alike (every JWT does) costs no more
 * than others: they are kept sorted, where the one that shares most with a text is next to it.
 */
export class KnownTexts {
  readonly #rules = new Map<string, string>();
  /** First {@link LEAST} characters: most places of a text cost no more than a look here. */
  readonly #fronts = new Set<string>();
  /** Shorter than {@link LEAST_PREFIX}: only whole ones match. */
  readonly #short = new Set<string>();
  readonly #long: string[] = [];
  #sorted = true;

  get size(): number {
    return this.#rules.size;
  }

  get full(): boolean {
    return this.#rules.size >= MOST;
  }

  /** False where it is known already, too short, or one too many. */
  add(text: string, ruleId: string): boolean {
    if (text.length < LEAST || this.full || this.#rules.has(text)) return false;
    this.#rules.set(text, ruleId);
    this.#fronts.add(text.slice(0, LEAST));
    if (text.length < LEAST_PREFIX) this.#short.add(text);
    else {
      this.#long.push(text);
      this.#sorted = false;
    }
    return true;
  }

  /** The longest secret, or telling beginning of one, that stands in `text` at `at`. */
  at(text: string, at: number): { length: number; ruleId: string } | undefined {
    if (!this.#fronts.has(text.slice(at, at + LEAST))) return undefined;
    let known: string | undefined;
    let longest = 0;
    for (let length = LEAST; length < LEAST_PREFIX; length++) {
      const short = text.slice(at, at + length);
      if (this.#short.has(short)) [known, longest] = [short, short.length];
    }
    for (const each of this.#neighbours(text, at)) {
      const length = commonLength(text, at, each);
      if (length >= LEAST_PREFIX && length > longest) [known, longest] = [each, length];
    }
    return known === undefined ? undefined : { length: longest, ruleId: this.#rules.get(known)! };
  }

  /** The long ones before and behind the text in their order: one of them shares the longest beginning with it. */
  #neighbours(text: string, at: number): string[] {
    const all = this.#long;
    if (!this.#sorted) all.sort((a, b) => (a < b ? -1 : 1));
    this.#sorted = true;
    const next = partitionPoint(all.length, (i) => sortsBefore(all[i]!, text, at));
    return all.slice(Math.max(0, next - 1), next + 1);
  }
}

function commonLength(text: string, at: number, known: string): number {
  const most = Math.min(known.length, text.length - at);
  let length = 0;
  while (length < most && text.charCodeAt(at + length) === known.charCodeAt(length)) length++;
  return length;
}

/** Does `known` sort before the text from `at` on? */
function sortsBefore(known: string, text: string, at: number): boolean {
  const same = commonLength(text, at, known);
  if (same === known.length) return at + same < text.length;
  return at + same < text.length && known.charCodeAt(same) < text.charCodeAt(at + same);
}
