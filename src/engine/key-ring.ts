import type { Copy } from '../copies/copies.js';
import type { Component } from '../keys.js';
import type { Occurrence } from '../model.js';
import type { Secret } from '../secret.js';
import { type CopyNets, compileCopies } from './copy-nets.js';

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
  #nets: CopyNets | undefined;

  add(key: RingKey): void {
    if (this.#keys.has(key.finding)) return;
    this.#keys.set(key.finding, key);
    this.#nets = undefined;
  }

  all(): RingKey[] {
    return [...this.#keys.values()];
  }

  /** The needles of all keys, compiled anew only where one has come since. */
  nets(): CopyNets {
    this.#nets ??= compileCopies(this.all());
    return this.#nets;
  }

  get size(): number {
    return this.#keys.size;
  }
}
