import { readFileSync } from 'node:fs';
import { DumpsieveError } from '../core/base/runtime/errors.js';

/** The replacement character that Node puts for bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * Paths as the bytes that they were given in. Node decodes arguments as UTF-8 and loses other names; on Linux
 * the kernel keeps them (/proc/self/cmdline). On other systems such a file is reached through its folder.
 */
export function rawPaths(paths: readonly string[]): (string | Uint8Array)[] {
  if (!paths.some((path) => path.includes(REPLACEMENT))) return [...paths];
  return restore(paths, commandLine());
}

/** One path, as {@link rawPaths}. Throws (exit 3) if two names on the command line decode to its text. */
export function rawPath(given: string): string | Uint8Array {
  const [path = given, ...more] = rawPaths([given]);
  if (more.length === 0) return path;
  throw new DumpsieveError({
    code: 'wrong-call',
    message: 'two names on the command line are not UTF-8 and decode to the same text',
    hint: 'name the files by paths that are',
  });
}

/**
 * Two names that are not UTF-8 may decode to the same text. All of them are taken, in place of the first path
 * with that text, and an option's value with that text as well: one name too many is reported, one too few
 * would be silently lost.
 */
export function restore(paths: readonly string[], given: readonly Uint8Array[]): (string | Uint8Array)[] {
  const raw = new Map<string, Map<string, Uint8Array>>();
  for (const bytes of given) {
    const text = Buffer.from(bytes).toString('utf8');
    if (!text.includes(REPLACEMENT)) continue;
    const alike = raw.get(text) ?? new Map<string, Uint8Array>();
    raw.set(text, alike.set(Buffer.from(bytes).toString('latin1'), bytes));
  }
  return [...new Set(paths)].flatMap((path) => [...(raw.get(path)?.values() ?? [path])]);
}

/** The arguments of the process as bytes (proc(5), /proc/pid/cmdline); empty on systems without it. */
function commandLine(): Buffer[] {
  let all: Buffer;
  try {
    all = readFileSync('/proc/self/cmdline');
  } catch {
    return [];
  }
  const parts: Buffer[] = [];
  for (let at = 0; at < all.length; ) {
    const end = all.indexOf(0, at);
    parts.push(all.subarray(at, end < 0 ? all.length : end));
    at = end < 0 ? all.length : end + 1;
  }
  return parts;
}
