/** Edges to targets, in columns: who refers to each, and what may name it. */
export class ReferenceBatch {
  count = 0;
  /** Index of the target in their set. */
  readonly target: Int32Array;
  readonly owner: Float64Array;
  /** Type of the edge, as in the snapshot's description. */
  readonly type: Uint32Array;
  /** Number of the string that names it, or its index. */
  readonly nameOrIndex: Uint32Array;
  /** The node that the owner refers to just before, by an edge without a name; -1 if there is none. */
  readonly before: Float64Array;
  /** {@link nameOrIndex} of that edge. */
  readonly beforeIndex: Uint32Array;
  /** The node that the owner refers to by a property such as `key` or `name`; -1 if there is none. */
  readonly key: Float64Array;

  /** `most`: references for which there is room. */
  constructor(most: number) {
    this.target = new Int32Array(most);
    this.owner = new Float64Array(most);
    this.type = new Uint32Array(most);
    this.nameOrIndex = new Uint32Array(most);
    this.before = new Float64Array(most);
    this.beforeIndex = new Uint32Array(most);
    this.key = new Float64Array(most);
  }

  /** Adds a reference whose key is not known yet. */
  push(
    target: number,
    owner: number,
    type: number,
    nameOrIndex: number,
    before: number,
    beforeIndex: number,
  ): void {
    const at = this.count++;
    this.target[at] = target;
    this.owner[at] = owner;
    this.type[at] = type;
    this.nameOrIndex[at] = nameOrIndex;
    this.before[at] = before;
    this.beforeIndex[at] = beforeIndex;
    this.key[at] = -1;
  }

  /** Removes references; returns how many. `isKept`: called for the target of each, in order. */
  filter(isKept: (target: number) => boolean): number {
    const { target, owner, type, nameOrIndex, before, beforeIndex, key, count } = this;
    let kept = 0;
    for (let at = 0; at < count; at++) {
      if (!isKept(target[at]!)) continue;
      if (kept < at)
        for (const column of [target, owner, type, nameOrIndex, before, beforeIndex, key])
          column[kept] = column[at]!;
      kept++;
    }
    this.count = kept;
    return count - kept;
  }
}
