// The records found, back to back; src/sweep/runs/records.ts reads them:
//   f64 file offset, u8 kind, u8 detail, u16 hash of a window's words or of a number's header, u32 size,
//   payload padded to a multiple of 8 bytes

export const WINDOW: u32 = 1;
export const NUMBER: u32 = 2;
export const LONG: u32 = 3;
export const POINT: u32 = 4;
export const DIGITS: u32 = 5;
export const ODD: u32 = 7;

let next: usize = 0;
// Address and file offset of the piece's first byte.
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

/**
 * Appends a record for the bytes at `p` and returns the address of its payload. `length`: a multiple of 8.
 * `detail`: bits 8 to 23 hold the hash.
 */
export function record(p: usize, kind: u32, detail: u32, size: u32, length: usize): usize {
  const at = next;
  store<f64>(at, originOffset + <f64>(<i32>p - <i32>origin));
  store<u32>(at, kind | (detail << 8), 8);
  store<u32>(at, size, 12);
  next = at + 16 + length;
  return at + 16;
}
