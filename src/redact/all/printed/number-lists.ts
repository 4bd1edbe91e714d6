import { type Reading, ReadingBuilder } from '../../../encodings/reading.js';

const ITEM = /0[xX]([0-9a-fA-F]{1,2})(?![0-9a-fA-F])/g;

/** Bytes as C and JavaScript print them: `0x3, 0x1f`. Those of one digit tell them from pairs of digits. */
export function* readHexItems(text: Reading): Generator<Reading> {
  const shown = Buffer.from(text.bytes).toString('latin1');
  const list = new ReadingBuilder(text, text.bytes.length >> 2);
  for (const { 0: item, 1: digits, index } of shown.matchAll(ITEM))
    list.add(Number.parseInt(digits!, 16), index, index + item.length);
  if (list.length > 0) yield list.finish();
}

const INTEGER = /-?\d{1,10}/g;
const WORD = 2 ** 32;

/** Lists of integers of 32 bits, each with its most or least significant byte first. */
export function* readIntegers(text: Reading): Generator<Reading> {
  const shown = Buffer.from(text.bytes).toString('latin1');
  const lists = [true, false].map((isBig) => ({
    isBig,
    list: new ReadingBuilder(text, 4 * text.bytes.length),
  }));
  for (const { 0: digits, index } of shown.matchAll(INTEGER)) {
    const value = Number(digits);
    if (value >= WORD || value < -WORD / 2) continue;
    for (const { isBig, list } of lists)
      for (let byte = 0; byte < 4; byte++)
        list.add((value >>> (8 * (isBig ? 3 - byte : byte))) & 0xff, index, index + digits.length);
  }
  for (const { list } of lists) yield list.finish();
}
