import { wipeScratch } from '../runtime/scratch.js';

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

type Held = Set<WeakRef<ArrayBuffer>>;
/** Blocks that outlive runs, by holder, and the holders that take what is made now. */
const held = new Set<Held>();
const holding = new Set<Held>();

function newBlock(length: number): Uint8Array {
  if (blocks.length >= many) forgetCollected();
  // Outside of V8's heap: small arrays in it are moved, and leave copies behind.
  const block = new ArrayBuffer(length);
  // The buffer, not a view of it: a secret keeps only the buffer.
  const reference = new WeakRef(block);
  if (holding.size === 0) blocks.push(reference);
  else for (const holder of holding) holder.add(reference);
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
 * are overwritten, except of those that are held, and so is scratch memory.
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

/** Secrets that are kept, whatever runs end before: from {@link hold} to `end`, until `release`. */
export interface Hold {
  /** What is made from now on is not kept. */
  end(): void;
  /** Overwrites what was kept. */
  release(): void;
}

/**
 * Keeps the secrets that are made from now on. Those of other runs of the process that are made at the same
 * time are kept as long.
 */
export function hold(): Hold {
  const own: Held = new Set();
  held.add(own);
  holding.add(own);
  beginBlock();
  const end = () => {
    if (holding.delete(own)) beginBlock();
  };
  return {
    end,
    release: () => {
      end();
      release(own);
    },
  };
}

/** Runs `open` and {@link hold keeps} the secrets that are made meanwhile until `release` is called. */
export async function holdSecrets<T>(open: () => Promise<T>): Promise<{ value: T; release(): void }> {
  const { end, release } = hold();
  try {
    return { value: await open(), release };
  } catch (error) {
    release();
    throw error;
  } finally {
    end();
  }
}

function release(own: Held): void {
  if (!held.delete(own)) return;
  const others = [...held];
  for (const block of own) if (!others.some((holder) => holder.has(block))) overwrite(block);
}

function wipe(): void {
  wipeScratch();
  for (const block of blocks) overwrite(block);
  blocks = [];
  many = MANY;
  beginBlock();
}

function overwrite(block: WeakRef<ArrayBuffer>): void {
  const bytes = block.deref();
  if (bytes !== undefined) new Uint8Array(bytes).fill(0);
}

/** What was made so far shares no block with what is made from now on. */
function beginBlock(): void {
  open = new Uint8Array(0);
  used = 0;
}
