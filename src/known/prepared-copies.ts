import type { Pausing } from '../base/runtime/turns.js';
import { type CopyNets, compileCopies, groupsOf } from './copy-nets.js';
import type { CopyTarget } from './copy-targets.js';

/** Needles of targets that many lists begin with: compiled at their first use, and kept. */
export class PreparedCopies {
  readonly #groups: readonly (readonly CopyTarget[])[];
  readonly #compiled: (CopyNets | undefined)[] = [];

  constructor(targets: readonly CopyTarget[]) {
    this.#groups = groupsOf(targets);
  }

  /** The needles of a group of a list; undefined if it has other keys. What is found goes to `keys`. */
  *of(keys: readonly CopyTarget[], group: number): Pausing<never, CopyNets | undefined> {
    const own = this.#groups[group];
    if (own?.length !== keys.length || !own.every((key, i) => hasSameNeedles(key, keys[i]!)))
      return undefined;
    const compiled = this.#compiled[group] ?? (yield* compileCopies(own));
    this.#compiled[group] = compiled;
    return { ...compiled, keys };
  }

  has({ nets }: CopyNets): boolean {
    return this.#compiled.some((each) => each?.nets === nets);
  }

  /** Overwrites the needles, which are pieces of secrets. No sweep may be running. */
  wipe(): void {
    for (const each of this.#compiled.splice(0)) if (each !== undefined) wipeNeedles(each);
  }
}

const hasSameNeedles = (a: CopyTarget, b: CopyTarget): boolean =>
  a.finding === b.finding && a.components === b.components && a.value === b.value;

export function wipeNeedles({ nets }: CopyNets): void {
  for (const { net } of nets) for (const image of Object.values(net.images)) new Uint8Array(image).fill(0);
}
