/** Where an artifact's bytes come from: a file (or standard input, `-`), and the names of the contents that lead into it. */
export interface Origin {
  /** As shown. */
  file: string;
  inside: readonly Inside[];
}

interface Inside {
  name: string;
  /** The format of the container that it lies in. */
  codec: string;
}

/** Formats whose content comes as the next artifact. */
const UNPACKED: ReadonlySet<string> = new Set(['gzip', 'zstd', 'breakpad-microdump']);

interface Artifact {
  path: string;
  format: string;
}

/**
 * Tells `core.zst!core`, what core.zst holds, from a file of that name: content follows its container at once. Asked for every
 * artifact event, in order.
 */
export class Origins {
  #last: (Artifact & { origin: Origin }) | undefined;

  next({ path, format }: Artifact): Origin {
    const last = this.#last;
    const name = last && UNPACKED.has(last.format) ? contentName(path, last.path) : undefined;
    const origin: Origin =
      last && name !== undefined
        ? { file: last.origin.file, inside: [...last.origin.inside, { name, codec: last.format }] }
        : { file: path, inside: [] };
    this.#last = { path, format, origin };
    return origin;
  }
}

/** What follows the container's path and `!`; a name of content has no slash. */
function contentName(path: string, container: string): string | undefined {
  if (!path.startsWith(`${container}!`)) return undefined;
  const name = path.slice(container.length + 1);
  return name.includes('/') ? undefined : name;
}
