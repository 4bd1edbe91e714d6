import type { Secret } from '../base/crypto/secret.js';
import { escapeText } from '../base/text/escape.js';
import { KnownTexts, LEAST } from './known-texts.js';

/** A rule's match in a text, as string indices; `end` is exclusive. */
export interface MaskSpan {
  start: number;
  end: number;
  ruleId: string;
}

/** Applies the rules to a text. */
export type SecretFinder = (text: string) => MaskSpan[];

/** Cap on the cache of cleaned texts. */
const REMEMBERED = 4_096;

/** Line lengths of PEM (RFC 7468) and MIME (RFC 2045): a key in a command line may contain line breaks. */
const LINES = [64, 76] as const;

function brokenIntoLines(text: string): string[] {
  return LINES.flatMap((width) =>
    Array.from({ length: Math.ceil(text.length / width) }, (_, i) => text.slice(i * width, (i + 1) * width)),
  );
}

/**
 * Spellings of a secret in text: a token as it is; a binary secret as hex or base64, whole and line by line.
 */
function spellings(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(buffer) && !/[\0-\x08\x0e-\x1f]/.test(text)) return [text];
  const base64 = buffer.toString('base64');
  return [base64, ...brokenIntoLines(base64), buffer.toString('base64url'), buffer.toString('hex')];
}

/** One character for each byte of UTF-8. */
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const textOf = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

/**
 * Masks secrets in text from a dump, a path or a message: matches of the rules, and every secret found by
 * this scan. The mask does not show the length of the secret.
 */
export class Masker {
  readonly #find: SecretFinder;
  readonly #known = new KnownTexts();
  readonly #cleaned = new Map<string, string>();

  constructor(find: SecretFinder = () => []) {
    this.#find = find;
  }

  /** Masks this secret from now on, also where no rule matches it. */
  learn(secret: Secret, ruleId: string): void {
    if (this.#known.full) return;
    for (const text of spellings(secret.reveal()))
      if (this.#known.add(utf8(text.trim()), ruleId)) this.#cleaned.clear();
  }

  /** Masks and escapes: safe to print. */
  clean(text: string): string {
    const known = this.#cleaned.get(text);
    if (known !== undefined) return known;
    const cleaned = escapeText(this.mask(text));
    if (this.#cleaned.size >= REMEMBERED) this.#cleaned.clear();
    this.#cleaned.set(text, cleaned);
    return cleaned;
  }

  /** Masks without escaping, for files that this program reads again. */
  mask(text: string): string {
    if (text.length < LEAST) return text;
    const spans = [...this.#find(text), ...this.#occurrences(text)].sort(
      (a, b) => a.start - b.start || b.end - a.end,
    );
    let masked = '';
    let done = 0;
    for (const { start, end, ruleId } of spans) {
      if (end <= done) continue;
      // Overlapping spans get one mask.
      if (start >= done) masked += `${text.slice(done, start)}[masked: ${ruleId}]`;
      done = end;
    }
    return masked + text.slice(done);
  }

  /** Places of learnt secrets, or of prefixes of them, in the text. */
  *#occurrences(text: string): Generator<MaskSpan> {
    if (this.#known.size === 0) return;
    const bytes = utf8(text);
    for (let at = 0; at + LEAST <= bytes.length; at++) {
      const match = this.#known.at(bytes, at);
      if (match === undefined) continue;
      const start = textOf(bytes.slice(0, at)).length;
      yield {
        start,
        end: start + textOf(bytes.slice(at, at + match.length)).length,
        ruleId: match.ruleId,
      };
      at += match.length - 1;
    }
  }
}
