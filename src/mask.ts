import { Masker } from './report/mask.js';
import { maskSpans } from './rulebook/mask-spans.js';
import { openRulebook } from './rulebook/rulebook.js';

/** Masks the secrets of built-in rules in a text and escapes control characters, except line feeds. */
export async function maskText(text: string): Promise<string> {
  const book = await openRulebook({ paths: [] });
  const masker = new Masker((line) => maskSpans(line, book));
  return text
    .split('\n')
    .map((line) => masker.clean(line))
    .join('\n');
}
