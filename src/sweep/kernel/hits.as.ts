// The hit buffer and the chunk that hits must start in: shared by both kernels.
// A hit is two u32: start, counted from the chunk's first byte, and pattern id.

let out: usize = 0;
let room: u32 = 0;
let count: u32 = 0;
let chunk: usize = 0;
let chunkEnd: usize = 0;
let dataEnd: usize = 0;

export function setHits(buffer: usize, capacity: u32): void {
  out = buffer;
  room = capacity;
}

export function openChunk(at: usize, length: usize, margin: usize): void {
  count = 0;
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
  if (count < room) {
    const at = out + (<usize>count << 3);
    store<u32>(at, <u32>(start - chunk));
    store<u32>(at, id, 4);
  }
  count++;
}
