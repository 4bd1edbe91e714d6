import { readFileSync } from 'node:fs';

/** What Node puts where an argument's bytes are no UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * Paths with the bytes that they were given in. Node decodes arguments as UTF-8 and loses a name that is none; on Linux the
 * kernel still has it. Elsewhere such a name is reached by naming its folder.
 */
export function rawPaths(paths: readonly string[]): (string | Uint8Array)[] {
  if (!paths.some((path) => path.includes(REPLACEMENT))) return [...paths];
  return restore(paths, commandLine());
}

/**
 * Two names that are no UTF-8 may read alike: each of them is taken, where the first of the paths that read so stands. An option's value
 * that reads so as well is taken, too: a name too many is told, one too few would be lost in silence.
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

/** The process's arguments as bytes (proc(5), /proc/pid/cmdline); none where the system does not tell. */
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
