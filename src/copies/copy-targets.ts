import type { Secret } from '../base/crypto/secret.js';
import type { Component } from '../model/key-material.js';
import type { Occurrence } from '../model/report.js';
import type { Copy } from './copy-matcher.js';
import { type CopyNets, compileCopies, groupsOf } from './copy-nets.js';

/** A proven key, or something that is asked for, as the copies sweep knows it. */
export interface CopyTarget {
  /** Id of its finding in the fold. */
  finding: string;
  components: readonly Component[];
  /** A value that is looked for as text. */
  value?: Secret;
  /** Takes a copy; by default it is one more place of the finding. */
  found?(occurrence: Occurrence, copy: Copy): void;
}

/** What the copies sweep looks for, each once. */
export class CopyTargets {
  readonly #keys = new Map<string, CopyTarget>();
  #groups: CopyNets[] = [];
  /** A key or a component has come since the groups were compiled. */
  #stale = false;

  /** A key that is there gains what it lacks: of Ed25519 a scalar may be found first, and the seed that it was made from later. */
  add(key: CopyTarget): void {
    const known = this.#keys.get(key.finding);
    const more = key.components.filter(({ name }) => !known?.components.some((part) => part.name === name));
    if (known && more.length === 0) return;
    this.#keys.set(key.finding, known ? { ...known, components: [...known.components, ...more] } : key);
    this.#stale = true;
  }

  /** The needles of all keys, in as many groups as there are sweeps; a group is compiled anew only where one of its keys is new or has gained something. */
  groups(): readonly CopyNets[] {
    if (!this.#stale) return this.#groups;
    this.#groups = groupsOf([...this.#keys.values()]).map((keys, i) => {
      const known = this.#groups[i];
      const same = known?.keys.length === keys.length && known.keys.every((key, k) => key === keys[k]);
      return same ? known : compileCopies(keys);
    });
    this.#stale = false;
    return this.#groups;
  }

  get size(): number {
    return this.#keys.size;
  }
}
