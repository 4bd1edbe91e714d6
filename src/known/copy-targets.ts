import type { Secret } from '../base/crypto/secret.js';
import type { Pausing } from '../base/runtime/turns.js';
import type { Component } from '../model/key-material.js';
import type { Occurrence } from '../model/report.js';
import type { Copy } from './copy-matcher.js';
import { type CopyNets, compileCopies, groupsOf } from './copy-nets.js';
import { type PreparedCopies, wipeNeedles } from './prepared-copies.js';

/** A target of the copies sweep: a proven key, or a --find target. */
export interface CopyTarget {
  /** Id of its finding. */
  finding: string;
  components: readonly Component[];
  /** A value to search for as text. */
  value?: Secret;
  /** The public half of a key: its copies are evidence and no secret, so that it comes after all others. */
  isPublic?: true;
  /** Receives a copy; by default it is one more occurrence of the finding. */
  onCopy?(occurrence: Occurrence, copy: Copy): void;
}

/** The targets of the copies sweep, each once. */
export class CopyTargets {
  readonly #keys = new Map<string, CopyTarget>();
  readonly #prepared: PreparedCopies | undefined;
  #groups: CopyNets[] = [];
  /** A key or component was added after the groups were compiled. */
  #stale = false;

  /** `prepared`: needles of targets, which are added first. */
  constructor(prepared?: PreparedCopies) {
    this.#prepared = prepared;
  }

  /**
   * Adds a key, or the missing components of a known key: of Ed25519 a scalar may be found before its seed.
   */
  add(key: CopyTarget): void {
    const known = this.#keys.get(key.finding);
    const more = key.components.filter(({ name }) => !known?.components.some((part) => part.name === name));
    if (known && more.length === 0) return;
    this.#keys.set(key.finding, known ? { ...known, components: [...known.components, ...more] } : key);
    this.#stale = true;
  }

  /**
   * The needles of all keys, in one group a sweep. A group is compiled again only if one of its keys is new
   * or has new components; the former group can then no longer be swept for.
   */
  *groups(): Pausing<never, readonly CopyNets[]> {
    if (!this.#stale) return this.#groups;
    const groups = [...this.#groups];
    for (const [i, keys] of groupsOf([...this.#keys.values()]).entries()) {
      const known = groups[i];
      const same = known?.keys.length === keys.length && known.keys.every((key, k) => key === keys[k]);
      if (same) continue;
      const prepared = this.#prepared && (yield* this.#prepared.of(keys, i));
      groups[i] = prepared ?? (yield* compileCopies(keys));
      // At once, so that what an abort leaves behind is overwritten at the end.
      this.#groups = groups;
      if (known !== undefined) this.#wipe(known);
    }
    this.#groups = groups;
    this.#stale = false;
    return groups;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Overwrites the needles, which are pieces of secrets. No sweep may be running. */
  wipe(): void {
    for (const group of this.#groups) this.#wipe(group);
    this.#groups = [];
    this.#keys.clear();
  }

  #wipe(group: CopyNets): void {
    if (!this.#prepared?.has(group)) wipeNeedles(group);
  }
}
