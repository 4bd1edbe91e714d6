// n, p, q one after the other without a gap: p0 * q0 = n0 on 32 bits tells nearly all places where they are not.

/**
 * Places in [from, to] at which n of `size` bytes may begin, p and q behind it, as u32 pairs of a distance from `from` and an order: 0 little-endian, 1
 * big-endian. All are odd.
 */
export function packed(from: usize, to: usize, size: usize, out: usize): i32 {
  const half = size >>> 1;
  let n = 0;
  for (let at = from; at <= to; at++) {
    const low = load<u32>(at);
    if ((low & 1) != 0 && load<u32>(at + size) * load<u32>(at + size + half) == low) n = place(out, n, at - from, 0);
    const last = bswap(load<u32>(at + size - 4));
    if ((last & 1) == 0) continue;
    if (bswap(load<u32>(at + size + half - 4)) * bswap(load<u32>(at + 2 * size - 4)) == last) n = place(out, n, at - from, 1);
  }
  return n;
}

@inline function place(out: usize, n: i32, distance: usize, order: u32): i32 {
  store<u32>(out + (<usize>n << 3), <u32>distance);
  store<u32>(out + (<usize>n << 3), order, 4);
  return n + 1;
}
