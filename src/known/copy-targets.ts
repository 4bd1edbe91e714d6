import type { Secret } from '../core/base/crypto/secret.js';
import type { Pausing } from '../core/base/runtime/turns.js';
import type { Component } from '../core/model/key-material.js';
import type { Occurrence } from '../core/model/report.js';
import type { Copy } from './copy-matcher.js';
import { type CopyNets, compileCopies, groupsOf } from './copy-nets.js';
import { type PreparedCopies, wipeNeedles } from './prepared-copies.js';

/** A target of the copies sweep: a proven key, or a --find target. */
export interface CopyTarget {
  /** Id of its finding. */
  finding: string;
  components: readonly Component[];
  /** A value to search for as text. */
  value?: Secret | undefined;
  /** The public half of a key: its copies are evidence and no secret, so that it comes after all others. */
  isPublic?: true;
  /** Receives a copy; by default it is one more occurrence of the finding. */
  onCopy?(occurrence: Occurrence, copy: Copy): void;
}

/** The targets of the copies sweep, each once. */
export class CopyTargets {
  readonly #keys = new Map<string, CopyTarget>();
  readonly #prepared: PreparedCopies | undefined;
  /** Compiled groups, by their index. */
  readonly #groups: (CopyNets | undefined)[] = [];

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
    this.#keys.set(key.finding, known ? withComponents(known, more) : key);
  }

  /** Number of sweeps that {@link groups} is for. */
  get sweeps(): number {
    return groupsOf([...this.#keys.values()]).length;
  }

  /**
   * The needles of all keys, in one group a sweep, compiled when it is asked for. A group is compiled again
   * only if one of its keys is new or has new components; the former group can then no longer be swept for.
   * `once`: no other artifact is left, so that a group is dropped before the next one is compiled.
   */
  *groups(once = false): Pausing<CopyNets> {
    for (const [i, keys] of groupsOf([...this.#keys.values()]).entries()) {
      yield yield* this.#group(keys, i);
      if (once) this.#drop(i);
    }
  }

  *#group(keys: readonly CopyTarget[], index: number): Pausing<never, CopyNets> {
    const known = this.#groups[index];
    if (known?.keys.length === keys.length && known.keys.every((key, k) => key === keys[k])) return known;
    const prepared = this.#prepared && (yield* this.#prepared.of(keys, index));
    const group = prepared ?? (yield* compileCopies(keys));
    this.#drop(index);
    this.#groups[index] = group;
    return group;
  }

  #drop(index: number): void {
    const known = this.#groups[index];
    delete this.#groups[index];
    if (known !== undefined && !this.#prepared?.has(known)) wipeNeedles(known);
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Overwrites the needles, which are pieces of secrets. No sweep may be running. */
  wipe(): void {
    for (const index of this.#groups.keys()) this.#drop(index);
    this.#keys.clear();
  }
}

/** Field by field: a target may be of a class, whose methods a spread would lose. */
function withComponents(target: CopyTarget, more: readonly Component[]): CopyTarget {
  const { finding, components, value, isPublic } = target;
  return {
    ...{ finding, components: [...components, ...more], value },
    ...(isPublic && { isPublic }),
    ...(target.onCopy && { onCopy: target.onCopy.bind(target) }),
  };
}
