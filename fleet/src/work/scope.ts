/**
 * The URIs that a run is about: for each bucket, host or disk the longest prefix of all that were listed. A
 * run works on all that is below them, also on what an earlier run has listed there.
 */
export class Scope {
  readonly #prefixes = new Map<string, string>();

  add(uri: string): void {
    const of = authorityOf(uri);
    const known = this.#prefixes.get(of);
    this.#prefixes.set(of, known === undefined ? uri : common(known, uri));
  }

  get prefixes(): readonly string[] {
    return [...this.#prefixes.values()];
  }

  get isEmpty(): boolean {
    return this.#prefixes.size === 0;
  }

  local(): readonly string[] {
    return this.prefixes.filter(isLocal);
  }

  remote(): readonly string[] {
    return this.prefixes.filter((prefix) => !isLocal(prefix));
  }
}

/** Of a dump, or of a prefix: it is on a disk of its host. */
export const isLocal = (uri: string): boolean => uri.startsWith('file:');

/** `s3://bucket/`, `file://host/`. */
function authorityOf(uri: string): string {
  const start = uri.indexOf('://') + 3;
  const slash = uri.indexOf('/', start);
  return slash < 0 ? uri : uri.slice(0, slash + 1);
}

function common(a: string, b: string): string {
  if (b.startsWith(a)) return a;
  let length = 0;
  while (length < a.length && a.codePointAt(length) === b.codePointAt(length)) length++;
  return a.slice(0, length);
}
