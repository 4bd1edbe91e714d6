/** AES key expansion (FIPS 197). */

/** Multiplication by x in GF(2^8) (4.2). */
const double = (x: number) => ((x << 1) ^ (x & 0x80 ? 0x11b : 0)) & 0xff;

let sboxTable: Uint8Array | undefined;

/**
 * S-box (5.1.1): the inverse in GF(2^8), then an affine map. p runs over the powers of the generator 3, q
 * over their inverses.
 */
function sbox(): Uint8Array {
  if (sboxTable) return sboxTable;
  const box = new Uint8Array(256);
  const rotate = (x: number, by: number) => ((x << by) | (x >> (8 - by))) & 0xff;
  let [p, q] = [1, 1];
  do {
    p ^= double(p);
    // q /= 3, so that q stays the inverse of p.
    q ^= q << 1;
    q ^= q << 2;
    q ^= q << 4;
    q = (q ^ (q & 0x80 ? 0x09 : 0)) & 0xff;
    box[p] = q ^ rotate(q, 1) ^ rotate(q, 2) ^ rotate(q, 3) ^ rotate(q, 4) ^ 0x63;
  } while (p !== 1);
  box[0] = 0x63;
  sboxTable = box;
  return box;
}

/** KeyExpansion (5.2): `all` words of the schedule. */
export function expandKey(key: Buffer, all: number): Buffer {
  const box = sbox();
  const n = key.length / 4;
  const out = Buffer.alloc(all * 4);
  out.set(key);
  let round = 1;
  for (let i = n; i < all; i++) {
    const word = Buffer.from(out.subarray((i - 1) * 4, i * 4));
    if (i % n === 0) {
      word.set([box[word[1]!]! ^ round, box[word[2]!]!, box[word[3]!]!, box[word[0]!]!]);
      round = (round << 1) ^ (round & 0x80 ? 0x11b : 0);
    } else if (n === 8 && i % n === 4) for (let j = 0; j < 4; j++) word[j] = box[word[j]!]!;
    for (let j = 0; j < 4; j++) out[i * 4 + j] = out[(i - n) * 4 + j]! ^ word[j]!;
  }
  return out;
}

const ROUND_KEY_BYTES = 16;

/** MixColumns (5.1.3), in place. */
function mixColumns(columns: Uint8Array): void {
  for (let at = 0; at < columns.length; at += 4) {
    const column = Uint8Array.from(columns.subarray(at, at + 4));
    const all = column.reduce((sum, byte) => sum ^ byte, 0);
    for (let i = 0; i < 4; i++)
      columns[at + i] = column[i]! ^ all ^ double(column[i]! ^ column[(i + 1) % 4]!);
  }
}

/**
 * Converts round keys of the equivalent inverse cipher (5.3.5) to the order of encryption: reversed, and
 * MixColumns undoes the InvMixColumns of all but the first and last.
 */
export function encryptionOrder(inverse: Buffer): Buffer {
  const groups = inverse.length / ROUND_KEY_BYTES;
  const out = Buffer.alloc(inverse.length);
  for (let i = 0; i < groups; i++) {
    const group = Buffer.from(inverse.subarray(i * ROUND_KEY_BYTES, (i + 1) * ROUND_KEY_BYTES));
    if (i > 0 && i < groups - 1) mixColumns(group);
    out.set(group, (groups - 1 - i) * ROUND_KEY_BYTES);
  }
  return out;
}
