// The hit buffer, and the chunk that hits must start in; used by the literal and the needle kernel. A hit is
// one f64, offset * 2^24 + pattern id, the format of src/sweep/hits.ts: the host copies the buffer unchanged
// and sorts it.

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

// `offset`: file offset of the chunk's first byte.
export function openChunk(at: usize, length: usize, margin: usize, offset: f64): void {
  count = 0;
  firstOffset = offset;
  chunk = at;
  chunkEnd = at + length;
  dataEnd = chunkEnd + margin;
}

// Number of hits, which may exceed the capacity: the host then repeats the chunk in halves.
export function hitCount(): u32 {
  return count;
}

// A hit belongs to the chunk it starts in and must end within the valid data; the bytes after that are stale.
// @ts-ignore: decorator
@inline
export function inChunk(start: usize, length: usize): bool {
  return start >= chunk && start < chunkEnd && start + length <= dataEnd;
}

export function addHit(start: usize, id: u32): void {
  if (count < room) store<f64>(out + (<usize>count << 3), (firstOffset + <f64>(<u32>(start - chunk))) * ID + <f64>id);
  count++;
}
