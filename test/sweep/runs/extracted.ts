import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { NumberKernel } from '../../../src/search/core/kernel.js';
import { RunBytes } from '../../../src/search/core/run-bytes.js';
import { type NumberRecord, RecordList, RecordReader } from '../../../src/sweep/runs/records.js';

export interface Extracted extends Omit<NumberRecord, 'bytes' | 'words' | 'at' | 'sum'> {
  kind: 'window' | 'number' | 'long' | 'point' | 'digits' | 'anyLength';
  /** Payload in hex. */
  value: string;
  /** Sum of `window` and `anyLength`. */
  sum?: number;
}

const kernel = new NumberKernel();
const extractor = kernel.extractor;

/** Records of a run of `words` words at `start`. */
export function extracted(bytes: Buffer, start: number, words: number): Extracted[] {
  const list = new RecordList();
  list.open(start, words);
  kernel.scratch(() => {
    const pieces = new RunBytes(bufferReader(bytes), kernel).pieces({ offset: start, words });
    for (const { offset, at, before, after, startsRun, endsRun, words: length } of pieces) {
      if (startsRun && !extractor.begins(words, at, before)) break;
      const part = { words: length, starts: startsRun, ends: endsRun };
      extractor.part(part, at, before, after, offset, list);
    }
  });
  return readAll(list.finish());
}

export function readAll(records: ArrayBuffer): Extracted[] {
  const found: Extracted[] = [];
  const lengths = { window: 8, number: 0, long: 0, point: 0, digits: 0, anyLength: 8 };
  const keep =
    (kind: Extracted['kind']) =>
    ({ offset, detail, sum, size, bytes, at }: NumberRecord) => {
      const length = { ...lengths, number: size, long: size, point: 2 * size }[kind];
      const value = bytes.toString('hex', at, at + length);
      const summed = kind === 'window' || kind === 'anyLength' ? { sum } : {};
      found.push({ kind, offset, detail, size, value, ...summed });
    };
  new RecordReader(records).takeTo(Number.POSITIVE_INFINITY, {
    window: keep('window'),
    number: keep('number'),
    long: keep('long'),
    point: keep('point'),
    digits: keep('digits'),
    anyLength: keep('anyLength'),
    run() {},
  });
  return found;
}
