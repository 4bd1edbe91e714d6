// The hit buffer and the chunk that hits must start in: shared by both kernels.
// A hit is one f64, offset * 2^24 + pattern id, as src/sweep/hits.ts keeps it: it is copied there as it is, and sorted.

let out: usize = 0;
let room: u32 = 0;
let count: u32 = 0;
let chunk: usize = 0;
let chunkEnd: usize = 0;
let dataEnd: usize = 0;
let firstOffset: f64 = 0;

const ID: f64 = 16777216;

export function setHits(buffer: usize, capacity: u32): void {
  out = buffer;
  room = capacity;
}

// `offset`: that of the chunk's first byte, as the caller counts.
export function openChunk(at: usize, length: usize, margin: usize, offset: f64): void {
  count = 0;
  firstOffset = offset;
  chunk = at;
  chunkEnd = at + length;
  dataEnd = chunkEnd + margin;
}

// Hits found, which may be more than there was room for: the caller then sweeps the chunk again in halves.
export function hitCount(): u32 {
  return count;
}

// A hit belongs to the chunk that it starts in and must lie wholly in the bytes at hand (what follows them is stale).
// @ts-ignore: decorator
@inline
export function inChunk(start: usize, length: usize): bool {
  return start >= chunk && start < chunkEnd && start + length <= dataEnd;
}

export function addHit(start: usize, id: u32): void {
  if (count < room) store<f64>(out + (<usize>count << 3), (firstOffset + <f64>(<u32>(start - chunk))) * ID + <f64>id);
  count++;
}
