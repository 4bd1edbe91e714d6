import type { Warning } from '../core/base/runtime/warnings.js';
import { mayBeCompanion } from '../formats/formats.js';
import type { Companion, ParsedDump } from '../formats/memory/types.js';
import { warnings } from './warnings.js';

/** A path without its last name, and that name; members of archives are behind a `!`. */
const PATH = /^(.*[/!])?([^/!]*)$/s;

interface Promised extends Companion {
  path: string;
  /** Path of the file that promises it. */
  by: string;
}

/** Dumps in several files: each file that another one promises must be among the scanned. */
export class Companions {
  readonly #sizes = new Map<string, number>();
  readonly #promised: Promised[] = [];

  /** A file that was scanned. */
  add(path: string, size: number, companions: ParsedDump['companions']): void {
    const [, folder = '', name = ''] = PATH.exec(path) ?? [];
    if (mayBeCompanion(name)) this.#sizes.set(path, size);
    for (const each of companions?.(name) ?? [])
      this.#promised.push({ ...each, path: folder + each.name, by: path });
  }

  /** Warnings about those that are missing, or have another size. To be called when all were scanned. */
  *lacking(): Generator<Warning & { path: string }> {
    for (const promised of this.#promised) {
      const size = this.#sizes.get(promised.path);
      if (size === undefined) yield missing(promised);
      else if (promised.sizes?.includes(size) === false) yield otherSize(promised, size, promised.sizes[0]!);
    }
  }
}

function missing({ path, by, holds }: Promised): Warning & { path: string } {
  const message = `${path} was not scanned: by ${by}, it has ${holds}`;
  const hint = 'scan the whole folder; if the file is lost, the dump is incomplete';
  return { ...warnings.of('companion-missing', { message, hint }), path };
}

function otherSize(
  { path, by, holds }: Promised,
  size: number,
  promised: number,
): Warning & { path: string } {
  const what = `it has ${size} bytes; by ${by}, ${promised} (${holds})`;
  const lacking = Math.max(0, promised - size);
  const message =
    lacking > 0 ? `${path} is cut: ${what}` : `${path}: ${what}, so that one of them is damaged`;
  const hint = 'get a complete copy of the folder';
  const range = lacking > 0 ? { offset: size, length: lacking } : {};
  return { ...warnings.of('companion-size', { message, hint, ...range }), path };
}
