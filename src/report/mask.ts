import type { Secret } from '../base/crypto/secret.js';
import { escapeText } from '../base/text/escape.js';
import { KnownTexts, LEAST } from './known-texts.js';

/** A rule's match in a text: string indices, `end` exclusive. */
export interface MaskSpan {
  start: number;
  end: number;
  ruleId: string;
}

/** Runs the rules over a text; supplied by whoever has the rules. */
export type FindSecrets = (text: string) => MaskSpan[];

/** Texts whose masked form is remembered. */
const REMEMBERED = 4_096;

/** Line lengths of PEM (RFC 7468) and MIME (RFC 2045): a key in a command line may keep its line breaks. */
const LINES = [64, 76] as const;

function inLines(text: string): string[] {
  return LINES.flatMap((width) =>
    Array.from({ length: Math.ceil(text.length / width) }, (_, i) => text.slice(i * width, (i + 1) * width)),
  );
}

/** How a secret would stand in text: a token as it is; a binary one as hex or base64, whole and line by line. */
function spellings(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(buffer) && !/[\0-\x08\x0e-\x1f]/.test(text)) return [text];
  const base64 = buffer.toString('base64');
  return [base64, ...inLines(base64), buffer.toString('base64url'), buffer.toString('hex')];
}

/** One character for each byte of UTF-8. */
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const textOf = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

/**
 * Hides secrets in text that comes from a dump, a path or a message: what a rule matches, and every secret that this run
 * has found. The length and the bytes of what is hidden do not show.
 */
export class Masker {
  readonly #find: FindSecrets;
  readonly #known = new KnownTexts();
  readonly #cleaned = new Map<string, string>();

  constructor(find: FindSecrets = () => []) {
    this.#find = find;
  }

  /** From now on this secret is masked wherever it stands, also where no rule matches it. */
  learn(secret: Secret, ruleId: string): void {
    if (this.#known.full) return;
    for (const text of spellings(secret.reveal()))
      if (this.#known.add(utf8(text.trim()), ruleId)) this.#cleaned.clear();
  }

  /** Masked, then escaped: safe to print. */
  clean(text: string): string {
    const known = this.#cleaned.get(text);
    if (known !== undefined) return known;
    const cleaned = escapeText(this.mask(text));
    if (this.#cleaned.size >= REMEMBERED) this.#cleaned.clear();
    this.#cleaned.set(text, cleaned);
    return cleaned;
  }

  /** Without a secret, but not escaped: for files that this program reads again. */
  mask(text: string): string {
    if (text.length < LEAST) return text;
    const spans = [...this.#find(text), ...this.#occurrences(text)].sort(
      (a, b) => a.start - b.start || b.end - a.end,
    );
    let masked = '';
    let done = 0;
    for (const { start, end, ruleId } of spans) {
      if (end <= done) continue;
      // Where two overlap, one mask hides both.
      if (start >= done) masked += `${text.slice(done, start)}[masked: ${ruleId}]`;
      done = end;
    }
    return masked + text.slice(done);
  }

  /** Where a learnt secret, or a telling beginning of one, stands in the text. */
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
