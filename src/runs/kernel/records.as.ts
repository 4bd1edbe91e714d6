// What was found, as records one after the other; src/noise/records.ts reads them.
//   f64 offset in the file, u8 kind, u8 detail, u16 sum of a window's words or kind of the word before a number, u32 size, then a payload in whole words of 8 bytes

export const WINDOW: u32 = 1;
export const NUMBER: u32 = 2;
export const LONG: u32 = 3;
export const POINT: u32 = 4;
export const DIGITS: u32 = 5;
export const ODD: u32 = 7;
export const PACKED: u32 = 8;

let next: usize = 0;
// The piece's first byte: its address, and its offset in the file.
let origin: usize = 0;
let originOffset: f64 = 0;

export function openRecords(out: usize, at: usize, offset: f64): void {
  next = out;
  origin = at;
  originOffset = offset;
}

export function recordsEnd(): usize {
  return next;
}

/** A record about the bytes at `p`, and the address of its payload of `length` bytes: a multiple of 8. `detail`: above eight bits the sum. */
export function record(p: usize, kind: u32, detail: u32, size: u32, length: usize): usize {
  const at = next;
  store<f64>(at, originOffset + <f64>(<i32>p - <i32>origin));
  store<u32>(at, kind | (detail << 8), 8);
  store<u32>(at, size, 12);
  next = at + 16 + length;
  return at + 16;
}
