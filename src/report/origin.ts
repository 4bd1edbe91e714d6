/**
 * Origin of an artifact's bytes: a file (or standard input, `-`), and the names of the contents inside it.
 */
export interface Origin {
  /** As shown. */
  file: string;
  inside: readonly ContainedIn[];
}

interface ContainedIn {
  name: string;
  /** Format of its container. */
  codec: string;
}

/** Formats whose content is the next artifact. */
const CONTAINERS: ReadonlySet<string> = new Set(['gzip', 'zstd', 'breakpad-microdump']);

interface Artifact {
  path: string;
  format: string;
}

/**
 * Distinguishes `core.zst!core`, the content of core.zst, from a file of that name: content follows its
 * container immediately. `next` must be called for every artifact event, in order.
 */
export class Origins {
  #last: (Artifact & { origin: Origin }) | undefined;

  next({ path, format }: Artifact): Origin {
    const last = this.#last;
    const name = last && CONTAINERS.has(last.format) ? contentName(path, last.path) : undefined;
    const origin: Origin =
      last && name !== undefined
        ? { file: last.origin.file, inside: [...last.origin.inside, { name, codec: last.format }] }
        : { file: path, inside: [] };
    this.#last = { path, format, origin };
    return origin;
  }
}

/** The rest of the path after the container's path and `!`. A name of content has no slash. */
function contentName(path: string, container: string): string | undefined {
  if (!path.startsWith(`${container}!`)) return undefined;
  const name = path.slice(container.length + 1);
  return name.includes('/') ? undefined : name;
}
