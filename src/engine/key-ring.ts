import type { Component } from '../keys.js';

/** A proven key, as the copies sweep knows it. */
export interface RingKey {
  /** Id of its finding in the fold. */
  finding: string;
  components: readonly Component[];
}

/** The proven keys of a run, each once. */
export class KeyRing {
  readonly #keys = new Map<string, RingKey>();

  add(key: RingKey): void {
    if (!this.#keys.has(key.finding)) this.#keys.set(key.finding, key);
  }

  all(): RingKey[] {
    return [...this.#keys.values()];
  }

  get size(): number {
    return this.#keys.size;
  }
}
