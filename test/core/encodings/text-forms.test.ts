import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { STREAM_FORMS } from '../../../src/core/encodings/stream-forms.js';
import { textFormsFor } from '../../../src/core/encodings/text-forms.js';

/** Rows of a table of a document by their name: what its other cells are. */
function rowsOf(document: string, head: string): Map<string, string[]> {
  const table = document.slice(document.indexOf(head)).split('\n\n')[0]!;
  const rows = table.split('\n').slice(2);
  return new Map(
    rows.flatMap((row) => {
      const [name = '', ...cells] = row.slice(2, -2).split(' | ');
      return /^`.*`$/.test(name) ? [[name.slice(1, -1), cells] as const] : [];
    }),
  );
}

const HELD = '●';

describe('docs/redact.md', () => {
  const document = readFileSync(asset('docs/redact.md'), 'utf8');

  test('has all forms of printed text with their uses', () => {
    const documented = rowsOf(document, '| form | as | fill | mask |');
    const [fill, mask] = (['fill', 'mask'] as const).map((use) => textFormsFor(use).map(({ name }) => name));
    expect([...documented.keys()].sort()).toEqual([...new Set([...fill!, ...mask!])].sort());
    for (const [name, [, inFill, inMask]] of documented)
      expect({ name, fill: inFill === HELD, mask: inMask === HELD }).toEqual({
        name,
        fill: fill!.some((form) => form === name),
        mask: mask!.some((form) => form === name),
      });
  });

  test('has all compressed streams with the text in which they are read', () => {
    const documented = rowsOf(document, '| stream | in memory |');
    expect(
      [...documented].map(([name, cells]) => ({
        name,
        within: (['base64', 'hex'] as const).filter((_, index) => cells[index + 1] === HELD),
      })),
    ).toEqual(STREAM_FORMS.map(({ name, within }) => ({ name, within })));
  });
});
