/** Bytes of a block that secrets share. Small: one secret that is kept keeps its block. */
const BLOCK = 1024;
/** A longer secret has a block of its own. */
const SHARED = BLOCK / 4;
const ALIGNED = 8;

/** Blocks that hold secrets. Collected ones are dropped now and then. */
let blocks: WeakRef<ArrayBuffer>[] = [];
/** Number of blocks from which on collected ones are looked for. */
const MANY = 1024;
let many = MANY;
let open: Uint8Array = new Uint8Array(0);
let used = 0;
/** Runs that may still use secrets. */
let users = 0;

function newBlock(length: number): Uint8Array {
  if (blocks.length >= many) forgetCollected();
  // Outside of V8's heap: small arrays in it are moved, and leave copies behind.
  const block = new ArrayBuffer(length);
  // The buffer, not a view of it: a secret keeps only the buffer.
  blocks.push(new WeakRef(block));
  return new Uint8Array(block);
}

function forgetCollected(): void {
  blocks = blocks.filter((block) => block.deref() !== undefined);
  many = Math.max(MANY, 2 * blocks.length);
}

/** Copies a secret to memory that {@link useSecrets} overwrites. */
export function keepSecret(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length > SHARED) {
    const own = newBlock(length);
    own.set(bytes);
    return own;
  }
  if (used + length > open.length) {
    open = newBlock(BLOCK);
    used = 0;
  }
  const kept = open.subarray(used, used + length);
  // Aligned, so that words of it can be read.
  used += Math.ceil(length / ALIGNED) * ALIGNED;
  kept.set(bytes);
  return kept;
}

/**
 * Begins a run that has secrets; the returned function ends it. When no run is left, the bytes of all secrets
 * are overwritten.
 */
export function useSecrets(): () => void {
  users++;
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    if (--users === 0) wipe();
  };
}

function wipe(): void {
  for (const block of blocks) {
    const bytes = block.deref();
    if (bytes !== undefined) new Uint8Array(bytes).fill(0);
  }
  blocks = [];
  many = MANY;
  open = new Uint8Array(0);
  used = 0;
}
