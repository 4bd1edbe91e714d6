import { expect, test } from '@jest/globals';
import { literalIndex } from '../../src/core/base/bytes/literal-id.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openRulebook } from '../../src/detect/rulebook/rulebook.js';
import { openDump } from '../../src/formats/formats.js';
import type { OpenDump } from '../../src/scan/open-dump.js';
import { textStartHits } from '../../src/scan/text-starts.js';
import { HprofBuilder } from '../formats/build-hprof.js';

const { rules, net } = await openRulebook({});

/** An identifier whose last byte looks like a letter, and one whose last byte does not. */
const LETTER = 0x7f61;
const OTHER = 0x7f08;
const END = '3mg7GPm3ghQkSHMcpL5nrXYmmX';

function hitsIn(bytes: Buffer): [offset: number, literal: string][] {
  const reader = bufferReader(bytes);
  const dump = { dump: openDump(reader), reader } as OpenDump;
  return [...textStartHits(dump, net)].flat().map(({ offset, id }) => {
    const { bytes: literal } = rules.literals[literalIndex(id)]!;
    return [offset, Buffer.from(literal).toString('latin1')];
  });
}

test.each([4, 8] as const)('prefixes at the start of texts behind identifiers of %d bytes', (idSize) => {
  const builder = new HprofBuilder(idSize);
  builder.name(`gsk_${END}`, LETTER);
  builder.name(`gsk_${END}0`, OTHER);
  builder.name(`word${END}`, LETTER);
  builder.name('gsk_short', LETTER);
  // A text that is not read in one piece, and one behind it.
  builder.name(`xai-${END}${'x'.repeat(400_000)}`, LETTER);
  builder.loadClass({ id: 0x100, name: `word${END}` });
  builder.name(`hf_${END}`, LETTER);
  const bytes = Buffer.from(builder.done());
  const at = (text: string) => bytes.indexOf(text);
  expect(hitsIn(bytes)).toEqual([
    [at('gsk_'), 'gsk_'],
    [at('xai-'), 'xai-'],
    [at('hf_'), 'hf_'],
  ]);
});

test('a text that the file cuts has no start to look at, or the rest of it', () => {
  const builder = new HprofBuilder();
  builder.name(`hf_${END}`, LETTER);
  const bytes = Buffer.from(builder.done());
  const at = bytes.indexOf('hf_');
  expect(hitsIn(bytes.subarray(0, at + 2))).toEqual([]);
  expect(hitsIn(bytes.subarray(0, at + 20))).toEqual([[at, 'hf_']]);
});
