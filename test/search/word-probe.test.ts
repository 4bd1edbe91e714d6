import { expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { atOnce } from '../../src/core/base/runtime/turns.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { RunList } from '../../src/search/core/run-list.js';
import { WordProbe } from '../../src/search/core/word-probe.js';

/** A run of three words at this offset. */
const RUN = { offset: 64, words: 3 };
const WORD = 0x1122_3344_5566_7788n;

/** Where the word at `at` is seen. */
function seenAt(at: number): number[] {
  const memory = Buffer.alloc(256);
  memory.writeBigUInt64LE(WORD, at);
  const kernel = NumberKernel.take();
  const runs = new RunList();
  runs.push(RUN);
  const probe = new WordProbe<string>();
  probe.addColumn(BigUint64Array.of(WORD), (word) => word === WORD, 'wanted');
  const found = [...atOnce(probe.search(kernel, new RunBytes(bufferReader(memory), kernel), runs))];
  kernel.release();
  return found.map(({ offset }) => offset);
}

test('a word is seen at every byte from the word before a run to the word behind it', () => {
  const end = RUN.offset + RUN.words * 8;
  for (let at = RUN.offset - 8; at <= end + 8; at++) expect(seenAt(at)).toEqual([at]);
  for (const at of [RUN.offset - 9, end + 9]) expect(seenAt(at)).toEqual([]);
});
