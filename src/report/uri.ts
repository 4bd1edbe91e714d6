import { posix, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nameBytes } from '../base/text/escape.js';
import type { Origin } from './origin.js';

/**
 * Characters to be percent-encoded in a path (RFC 3986, section 3.3); also `!`, which leads into a container,
 * and `:`, which could end a scheme.
 */
const ENCODED = /[^\w.~/$&'()*+,;=@-]/g;

/** Standard input. GitHub rejects a report with a URI of another scheme than `file`. */
const STDIN = 'file:///dev/stdin';

/** `bytes`: one character a byte. */
const encode = (bytes: string): string =>
  bytes.replace(ENCODED, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`);
const bytesOf = (shown: string): string => Buffer.from(nameBytes(shown)).toString('latin1');

/**
 * The origin of an artifact as an RFC 3986 URI: relative to `base` (the checkout) if it is inside, else
 * `file://`. The bytes of its name are percent-encoded, so that any name leads back to its file. `!` leads
 * into a container; a `!` of a name is `%21`.
 */
export function pathUri({ file, inside }: Origin, base: string = process.cwd()): string {
  const within = inside.map(({ name }) => encode(bytesOf(name)).replaceAll('/', '%2F'));
  return [file === '-' ? STDIN : fileUri(file, base), ...within].join('!');
}

function fileUri(file: string, base: string): string {
  if (process.platform === 'win32') return windowsUri(file, base);
  const root = Buffer.from(base).toString('latin1');
  const whole = posix.resolve(root, bytesOf(file));
  const inside = posix.relative(root, whole);
  if (inside === '') return '.';
  return /^\.\.(?:\/|$)/.test(inside) ? `file://${encode(whole)}` : encode(inside);
}

function windowsUri(file: string, base: string): string {
  const whole = pathToFileURL(resolve(base, file)).href.replaceAll('!', '%21');
  const root = pathToFileURL(`${resolve(base)}/`).href;
  return whole.startsWith(root) ? whole.slice(root.length).replaceAll(':', '%3A') || '.' : whole;
}
