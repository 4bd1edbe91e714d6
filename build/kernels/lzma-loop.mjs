/**
 * The text of lzma-loop.as.ts: the decoding loop of LZMA (LZMA SDK, lzma-specification.txt). The range
 * decoder is expanded in place, with its state in local variables: calls that keep it in globals take twice
 * as long. Offsets of probabilities are those of lzma.as.ts.
 */

const normalize = 'if (range < 0x1000000) { range <<= 8; code = (code << 8) | load<u8>(pos++); }';

/** Decodes one bit with a branch on it. */
const branch = (prob, zero, one) => `
  at = ${prob};
  ${normalize}
  p = load<u16>(at);
  bound = (range >>> 11) * p;
  if (code < bound) {
    range = bound;
    store<u16>(at, p + ((2048 - p) >>> 5));
    ${zero}
  } else {
    range -= bound;
    code -= bound;
    store<u16>(at, p - (p >>> 5));
    ${one}
  }`;

/** Decodes one bit without a branch: `mask` is all ones for 0, else 0. For bits that cannot be predicted. */
const bit = (prob) => `
  at = ${prob};
  ${normalize}
  p = load<u16>(at);
  bound = (range >>> 11) * p;
  mask = 0 - <u32>(code < bound);
  range -= bound;
  range += (bound - range) & mask;
  code -= bound & ~mask;
  store<u16>(at, p - (<i32>(p + (mask & (31 - 2048))) >> 5));`;

/** Decodes a symbol of a number of bits, highest first; the result has a one above them. */
const tree = (base, bits) =>
  `tree = ${base}; symbol = 1; ${`${bit('tree + (symbol << 1)')} symbol = (symbol << 1) + 1 + mask;`.repeat(bits)}`;

/** One of a literal's bits next to the byte at the last distance (section "Literal Decoding"). */
const matchedBit = `
  near <<= 1;
  ${bit('tree + ((offset + (near & offset) + symbol) << 1)')}
  symbol = (symbol << 1) + 1 + mask;
  offset &= near ^ mask;`;

const length = `
  ${branch(
    'lengths',
    `${tree('lengths + LENGTH_LOW + (posState << 4)', 3)} length = symbol - 8 + 2;`,
    branch(
      'lengths + 2',
      `${tree('lengths + LENGTH_MIDDLE + (posState << 4)', 3)} length = symbol + 2;`,
      `${tree('lengths + LENGTH_HIGH', 8)} length = symbol - 256 + 16 + 2;`,
    ),
  )}`;

const literal = `
  tree = PROBABILITIES + LITERAL
    + 0x600 * ((((out - base) & literalMask) << contextBits) + (previous >>> (8 - contextBits)));
  symbol = 1;
  if (state < 7) {
    ${`${bit('tree + (symbol << 1)')} symbol = (symbol << 1) + 1 + mask;`.repeat(8)}
  } else {
    near = load<u8>(out - rep0 - 1);
    offset = 0x100;
    ${matchedBit.repeat(8)}
  }
  previous = symbol & 0xff;
  store<u8>(out++, previous);
  state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;`;

const distance = `
  ${tree('PROBABILITIES + SLOT + (min<u32>(length - 2, 3) << 7)', 6)}
  symbol -= 64;
  if (symbol < 4) rep0 = symbol;
  else {
    let count = (symbol >>> 1) - 1;
    rep0 = 2 | (symbol & 1);
    if (symbol < 14) {
      rep0 <<= count;
      tree = PROBABILITIES + SPECIAL + ((rep0 - symbol) << 1);
      symbol = 1;
      for (let i: u32 = 0; i < count; i++) {
        ${bit('tree + (symbol << 1)')}
        symbol = (symbol << 1) + 1 + mask;
        rep0 += (1 + mask) << i;
      }
    } else {
      for (count -= 4; count > 0; count--) {
        ${normalize}
        range >>>= 1;
        code -= range;
        mask = 0 - (code >>> 31);
        code += range & mask;
        rep0 = (rep0 << 1) + 1 + mask;
      }
      rep0 <<= 4;
      tree = PROBABILITIES + ALIGN;
      symbol = 1;
      ${[0, 1, 2, 3]
        .map(
          (i) => `${bit('tree + (symbol << 1)')}
            symbol = (symbol << 1) + 1 + mask;
            rep0 += (1 + mask) << ${i};`,
        )
        .join('')}
    }
  }`;

const repeated = branch(
  'PROBABILITIES + IS_REP0 + (state << 1)',
  branch('PROBABILITIES + IS_REP0_LONG + (state << 5) + (posState << 1)', 'length = 1;', ''),
  branch(
    'PROBABILITIES + IS_REP1 + (state << 1)',
    'const swapped = rep1; rep1 = rep0; rep0 = swapped;',
    branch(
      'PROBABILITIES + IS_REP2 + (state << 1)',
      'const swapped = rep2; rep2 = rep1; rep1 = rep0; rep0 = swapped;',
      'const swapped = rep3; rep3 = rep2; rep2 = rep1; rep1 = rep0; rep0 = swapped;',
    ),
  ),
);

const match = `
  length = 0;
  ${branch(
    'PROBABILITIES + IS_REP + (state << 1)',
    `rep3 = rep2; rep2 = rep1; rep1 = rep0;
     lengths = PROBABILITIES + LENGTHS;
     state = state < 7 ? 7 : 10;
     ${length}
     ${distance}
     if (rep0 == 0xffffffff) { ${normalize} status = END_MARKER; break; }`,
    `${repeated}
     if (length == 1) state = state < 7 ? 9 : 11;
     else {
       lengths = PROBABILITIES + REPEATED_LENGTHS;
       state = state < 7 ? 8 : 11;
       ${length}
     }`,
  )}
  if (rep0 >= <u32>(out - WINDOW) || rep0 >= dictionary) { status = TOO_FAR; break; }
  out = copy(out, rep0 + 1, length, limit);
  previous = load<u8>(out - 1);`;

export const LZMA_LOOP = `
import * as s from './lzma-state.as';
import {
  ALIGN, DONE, END_MARKER, IS_MATCH, IS_REP, IS_REP0, IS_REP0_LONG, IS_REP1, IS_REP2, LENGTHS, LENGTH_HIGH,
  LENGTH_LOW, LENGTH_MIDDLE, LITERAL, MORE_INPUT, PROBABILITIES, REPEATED_LENGTHS, SLOT, SPECIAL, TOO_FAR,
  WINDOW, copy,
} from './lzma-state.as';

/**
 * Decodes until the output reaches \`limit\`, or the input \`last\`, at which the last symbol may begin: 20
 * bytes before the end if there is more input. The 20 bytes after the end are readable.
 */
export function decode(limit: usize, last: usize, end: usize): u32 {
  let range = s.range; let code = s.code; let pos = s.pos; let out = s.out;
  let state = s.state; let rep0 = s.rep0; let rep1 = s.rep1; let rep2 = s.rep2; let rep3 = s.rep3;
  const base = s.base; const contextBits = s.contextBits; const literalMask = s.literalMask;
  const posMask = s.posMask; const dictionary = s.dictionary;
  let at: usize = 0; let p: u32 = 0; let bound: u32 = 0; let mask: u32 = 0; let tree: usize = 0;
  let symbol: u32 = 0; let near: u32 = 0; let offset: u32 = 0; let length: u32 = 0; let lengths: usize = 0;
  let status: u32 = DONE;
  let began = out;
  let previous: u32 = out > WINDOW ? load<u8>(out - 1) : 0;
  while (out < limit) {
    if (pos > last) { status = MORE_INPUT; break; }
    began = out;
    const posState = <u32>(out - base) & posMask;
    ${branch('PROBABILITIES + IS_MATCH + (state << 5) + (posState << 1)', literal, match)}
  }
  if (status == DONE) { ${normalize} }
  // A symbol that needed bytes beyond the end is none.
  if (pos > end && out > began) { out = began; s.pending = 0; status = MORE_INPUT; }
  s.range = range; s.code = code; s.pos = pos; s.out = out;
  s.state = state; s.rep0 = rep0; s.rep1 = rep1; s.rep2 = rep2; s.rep3 = rep3;
  return status;
}
`;
