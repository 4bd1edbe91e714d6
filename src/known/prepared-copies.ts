import { type Hold, hold } from '../core/base/crypto/secret-memory.js';
import type { Pausing } from '../core/base/runtime/turns.js';
import { type CopyNets, compileCopies, groupsOf } from './copy-nets.js';
import type { CopyTarget } from './copy-targets.js';

/** Needles of targets that many lists begin with: compiled at their first use, and kept. */
export class PreparedCopies {
  readonly #groups: readonly (readonly CopyTarget[])[];
  readonly #compiled: (CopyNets | undefined)[] = [];
  readonly #holds: Hold[] = [];

  constructor(targets: readonly CopyTarget[]) {
    this.#groups = groupsOf(targets);
  }

  /** The needles of a group of a list; undefined if it has other keys. What is found goes to `keys`. */
  *of(keys: readonly CopyTarget[], group: number): Pausing<never, CopyNets | undefined> {
    const own = this.#groups[group];
    if (own?.length !== keys.length || !own.every((key, i) => hasSameNeedles(key, keys[i]!)))
      return undefined;
    const compiled = this.#compiled[group] ?? (yield* this.#compile(own));
    this.#compiled[group] = compiled;
    return { ...compiled, keys };
  }

  /** The needles have pieces of secrets that must not end with the report for which they are compiled. */
  *#compile(keys: readonly CopyTarget[]): Pausing<never, CopyNets> {
    const kept = hold();
    this.#holds.push(kept);
    try {
      return yield* compileCopies(keys);
    } finally {
      kept.end();
    }
  }

  has({ nets }: CopyNets): boolean {
    return this.#compiled.some((each) => each?.nets === nets);
  }

  /** Overwrites the needles, which are pieces of secrets. No sweep may be running. */
  wipe(): void {
    for (const each of this.#compiled.splice(0)) if (each !== undefined) wipeNeedles(each);
    for (const { release } of this.#holds.splice(0)) release();
  }
}

const hasSameNeedles = (a: CopyTarget, b: CopyTarget): boolean =>
  a.finding === b.finding && a.components === b.components && a.value === b.value;

export function wipeNeedles({ nets }: CopyNets): void {
  for (const { net } of nets) for (const image of Object.values(net.images)) new Uint8Array(image).fill(0);
}
