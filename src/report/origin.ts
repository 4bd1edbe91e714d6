import { containerNamed } from '../source/containers/containers.js';

/**
 * Origin of an artifact's bytes: a file (or standard input, `-`), and the names of the contents inside it.
 */
export interface Origin {
  /** Path of the file as shown. */
  file: string;
  inside: readonly ContainedIn[];
}

interface ContainedIn {
  name: string;
  /** Format of its container. */
  codec: string;
}

interface Artifact {
  path: string;
  format: string;
}

/** A container of which content or members may follow. */
interface OpenContainer {
  path: string;
  format: string;
  origin: Origin;
  hasMembers: boolean;
  /**
   * What the paths of members begin with: the outermost of the containers around it that have one content
   * each. Members of the `dump.tar` in `dump.tar.gz` are `dump.tar.gz!core`.
   */
  outermost: { path: string; origin: Origin };
}

/**
 * Distinguishes `core.zst!core`, the content of core.zst, from a file of that name: content follows its
 * container immediately. After an archive its name and `!` begin the path of a member alone. `next` must be
 * called for every artifact event, in order.
 */
export class Origins {
  /** The innermost last. */
  readonly #open: OpenContainer[] = [];

  next({ path, format }: Artifact): Origin {
    const within = this.#containerOf(path);
    const origin = within?.origin ?? { file: path, inside: [] };
    const treatment = containerNamed(format)?.treatment;
    if (treatment === undefined || 'unpack' in treatment) return origin;
    const outermost = within?.outermost ?? { path, origin };
    this.#open.push({ path, format, origin, hasMembers: 'list' in treatment, outermost });
    return origin;
  }

  /** The origin of what is in an open container, and the outermost one if it is its only content. */
  #containerOf(path: string): { origin: Origin; outermost?: OpenContainer['outermost'] } | undefined {
    for (let open = this.#open.pop(); open !== undefined; open = this.#open.pop()) {
      const around = open.hasMembers ? open.outermost : open;
      const name = nameIn(around.path, path);
      if (name === undefined || (!open.hasMembers && name.includes('/'))) continue;
      const { file, inside } = around.origin;
      const origin = { file, inside: [...inside, { name, codec: open.format }] };
      if (!open.hasMembers) return { origin, outermost: open.outermost };
      // Further members may follow.
      this.#open.push(open);
      return { origin };
    }
    return undefined;
  }
}

/** The rest of a path after that of a container and `!`. */
const nameIn = (container: string, path: string): string | undefined =>
  path.startsWith(`${container}!`) ? path.slice(container.length + 1) : undefined;
