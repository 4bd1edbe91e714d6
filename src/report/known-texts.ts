import { partitionPoint } from '../base/bytes/binary-search.js';
/** Bytes. Shorter secrets are not learnt: they would mask half of every text. */
export const LEAST = 6;
/** Bytes of the shortest prefix of a secret that is masked: a thread's name has 15 characters. */
const LEAST_PREFIX = 12;
/** Cap on learnt secrets; beyond it only the rules mask. */
const MOST = 100_000;

/**
 * Secrets by their spelling in text, one character a byte. They are sorted: the secret with the longest
 * common prefix is adjacent to a text, so that many secrets with one prefix (JWTs) cost no more than others.
 */
export class KnownTexts {
  readonly #rules = new Map<string, string>();
  /** First {@link LEAST} characters of each: this test rejects most places of a text. */
  readonly #fronts = new Set<string>();
  /** Those shorter than {@link LEAST_PREFIX}: only the whole secret matches. */
  readonly #short = new Set<string>();
  readonly #long: string[] = [];
  #sorted = true;

  get size(): number {
    return this.#rules.size;
  }

  get full(): boolean {
    return this.#rules.size >= MOST;
  }

  /** Returns false if it is known, too short, or beyond the cap. */
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

  /** The longest match at `at`: a secret, or a prefix of {@link LEAST_PREFIX} bytes or more. */
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

  /** The long ones before and after the text in the order: one of them has the longest common prefix. */
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

/** True if `known` sorts before the text from `at` on. */
function sortsBefore(known: string, text: string, at: number): boolean {
  const same = commonLength(text, at, known);
  if (same === known.length) return at + same < text.length;
  return at + same < text.length && known.charCodeAt(same) < text.charCodeAt(at + same);
}
