import { escapeText } from '../escape.js';
import type { Secret } from '../secret.js';

/** A rule's match in a text: string indices, `end` exclusive. */
export interface MaskSpan {
  start: number;
  end: number;
  ruleId: string;
}

/** Runs the rules over a text; supplied by whoever has the rules. */
export type FindSecrets = (text: string) => MaskSpan[];

/** Shorter secrets are not learnt: they would mask half of every text. In bytes. */
const LEAST = 6;
/** A cut copy of a secret (a thread's name has 15 characters) is masked from so many bytes on. */
const TELLING = 12;
/** Secrets learnt; beyond that only the rules mask. */
const MOST = 100_000;
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
  if (!text.includes('\ufffd') && !/[\0-\x08\x0e-\x1f]/.test(text)) return [text];
  const base64 = buffer.toString('base64');
  return [base64, ...inLines(base64), buffer.toString('base64url'), buffer.toString('hex')];
}

/**
 * Hides secrets in text that comes from a dump, a path or a message: what a rule matches, and every secret that this run
 * has found. The length and the bytes of what is hidden do not show.
 */
export class Masker {
  readonly #find: FindSecrets;
  /** By their first six bytes, as they would stand in UTF-8 text. */
  readonly #known = new Map<string, { bytes: Buffer; ruleId: string }[]>();
  readonly #cleaned = new Map<string, string>();
  #learnt = 0;

  constructor(find: FindSecrets = () => []) {
    this.#find = find;
  }

  /** From now on this secret is masked wherever it stands, also where no rule matches it. */
  learn(secret: Secret, ruleId: string): void {
    for (const text of spellings(secret.reveal())) this.#learnText(Buffer.from(text.trim(), 'utf8'), ruleId);
  }

  /** Masked, then escaped: safe to print. */
  clean(text: string): string {
    const known = this.#cleaned.get(text);
    if (known !== undefined) return known;
    const cleaned = escapeText(this.#mask(text));
    if (this.#cleaned.size >= REMEMBERED) this.#cleaned.clear();
    this.#cleaned.set(text, cleaned);
    return cleaned;
  }

  #learnText(bytes: Buffer, ruleId: string): void {
    if (bytes.length < LEAST || this.#learnt >= MOST) return;
    const key = bytes.toString('latin1', 0, LEAST);
    const same = this.#known.get(key);
    if (same?.some((each) => each.bytes.equals(bytes))) return;
    if (same) same.push({ bytes, ruleId });
    else this.#known.set(key, [{ bytes, ruleId }]);
    this.#learnt++;
    this.#cleaned.clear();
  }

  #mask(text: string): string {
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
    const bytes = Buffer.from(text, 'utf8');
    for (let at = 0; at + LEAST <= bytes.length; at++) {
      let longest = 0;
      let ruleId = '';
      for (const each of this.#known.get(bytes.toString('latin1', at, at + LEAST)) ?? []) {
        const length = commonLength(bytes, at, each.bytes);
        if (length < Math.min(TELLING, each.bytes.length) || length <= longest) continue;
        longest = length;
        ruleId = each.ruleId;
      }
      if (longest === 0) continue;
      const start = bytes.toString('utf8', 0, at).length;
      yield { start, end: start + bytes.toString('utf8', at, at + longest).length, ruleId };
      at += longest - 1;
    }
  }
}

function commonLength(text: Uint8Array, at: number, secret: Uint8Array): number {
  const most = Math.min(secret.length, text.length - at);
  let length = 0;
  while (length < most && text[at + length] === secret[length]) length++;
  return length;
}
