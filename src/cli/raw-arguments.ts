import { readFileSync } from 'node:fs';

/** What Node puts where an argument's bytes are no UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * Paths with the bytes that they were given in. Node decodes arguments as UTF-8 and loses a name that is none; on Linux the
 * kernel still has it. Elsewhere such a name is reached by naming its folder.
 */
export function rawPaths(paths: readonly string[]): (string | Uint8Array)[] {
  if (!paths.some((path) => path.includes(REPLACEMENT))) return [...paths];
  const raw = new Map<string, Uint8Array>();
  for (const bytes of commandLine()) raw.set(bytes.toString('utf8'), bytes);
  return paths.map((path) => (path.includes(REPLACEMENT) ? (raw.get(path) ?? path) : path));
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
