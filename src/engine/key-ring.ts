import type { Copy } from '../copies/copies.js';
import type { Component } from '../keys.js';
import type { Occurrence } from '../model.js';
import type { Secret } from '../secret.js';
import { type CopyNets, compileCopies, groupsOf } from './copy-nets.js';

/** A proven key, or something that is asked for, as the copies sweep knows it. */
export interface RingKey {
  /** Id of its finding in the fold. */
  finding: string;
  components: readonly Component[];
  /** A value that is looked for as text. */
  value?: Secret;
  /** Takes a copy; by default it is one more place of the finding. */
  found?(occurrence: Occurrence, copy: Copy): void;
}

/** What the copies sweep looks for, each once. */
export class KeyRing {
  readonly #keys = new Map<string, RingKey>();
  #groups: CopyNets[] = [];
  /** Keys of the groups. */
  #compiled = 0;

  add(key: RingKey): void {
    if (this.#keys.has(key.finding)) return;
    this.#keys.set(key.finding, key);
  }

  /** The needles of all keys, in as many groups as there are sweeps; a group is compiled anew only where a key has come to it since. */
  groups(): readonly CopyNets[] {
    if (this.#compiled === this.#keys.size) return this.#groups;
    this.#groups = groupsOf([...this.#keys.values()]).map((keys, i) => {
      const known = this.#groups[i];
      return known?.keys.length === keys.length ? known : compileCopies(keys);
    });
    this.#compiled = this.#keys.size;
    return this.#groups;
  }

  get size(): number {
    return this.#keys.size;
  }
}
