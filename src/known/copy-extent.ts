import type { Target } from './needles.js';
import { type KnownMatch, Walker } from './walker.js';

const BASE64 = new Set(
  Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_', 'latin1'),
);

/** Index of the shared character beyond the end of the copy, if there is one. */
function sharedCharacter(walker: Walker, index: number, step: number): number {
  const next = walker.skipBreaks(index + step, step);
  return BASE64.has(walker.read(next, step)) ? next : index;
}

/**
 * The copy around a literal at `at` of the window; undefined if the literal is not there, because the window
 * continues in another order than the sweep. Linear in the window.
 */
export function copyExtent(bytes: Uint8Array, at: number, target: Target): KnownMatch | undefined {
  const { form, wide, encoded, shared } = target.stream;
  const value = encoded.reveal();
  const stride = wide ? 2 : 1;
  for (let i = 0; i < target.length; i++)
    if (bytes[at + i * stride] !== value[target.at + i]) return undefined;
  if (wide) for (let i = 1; i < target.length; i++) if (bytes[at + 2 * i - 1] !== 0) return undefined;
  const walker = new Walker(bytes);
  const match = {
    ...{ from: target.at, to: target.at + target.length },
    ...{ start: at, end: at + (target.length - 1) * stride + 1 },
  };
  walker.extend(match, value, 0, value.length, stride, form.text);
  if (match.from === 0 && shared.before === 1) match.start = sharedCharacter(walker, match.start, -stride);
  if (match.to === value.length && shared.after === 1)
    match.end = sharedCharacter(walker, match.end - 1, stride) + 1;
  return match;
}
