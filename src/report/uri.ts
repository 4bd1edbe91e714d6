import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * A path as an RFC 3986 URI: relative to `base` (the checkout) where it lies inside, else `file://`. Escapes of hostile
 * names are kept as they are shown: a `\x1b` is four percent-encoded characters, not a control character.
 */
export function pathUri(path: string, base: string = process.cwd()): string {
  if (path === '-' || path.startsWith('-!')) return `stdin:${encodeURIComponent(path)}`;
  const whole = pathToFileURL(resolve(base, path)).href;
  const root = pathToFileURL(`${resolve(base)}/`).href;
  return whole.startsWith(root) ? whole.slice(root.length) || '.' : whole;
}
