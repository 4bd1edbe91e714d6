/** The round of counting in which a byte was last seen: a Set for each call would be garbage. */
const lastRound = new Uint32Array(256);
let round = 0;

/** Number of distinct bytes in [from, to), counted up to `most`. */
export function distinctBytes(bytes: Uint8Array, from = 0, to = bytes.length, most = 256): number {
  if (++round === 2 ** 32) {
    lastRound.fill(0);
    round = 1;
  }
  let count = 0;
  for (let at = from; at < to && count < most; at++) {
    const byte = bytes[at]!;
    if (lastRound[byte] !== round) count++;
    lastRound[byte] = round;
  }
  return count;
}
