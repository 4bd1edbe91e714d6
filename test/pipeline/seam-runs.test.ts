import { describe, expect, test } from '@jest/globals';
import fc from '../support/property.js';
import { SECRETS, scanSplit } from './split-memory.js';

describe.each(Object.entries(SECRETS))('a %s over a seam', (_, { bytes, at, length }) => {
  test('debug', async () => {
    const whole = await scanSplit(bytes, { cuts: [], order: [0] });
    console.log(whole.lines.join('\n'));
    const bad: string[] = [];
    for (let cut = at - 9; cut <= at + length + 9; cut += length > 60 ? 7 : 1) {
      const got = await scanSplit(bytes, { cuts: [cut], order: [1, 0], gap: 3 });
      if (JSON.stringify(got.lines) !== JSON.stringify(whole.lines)) bad.push(`${cut - at}: ${got.lines.join(' | ')}`);
    }
    console.log(`bad ${bad.length}\n${bad.slice(0, 4).join('\n')}`);
    expect(whole.lines.length).toBeGreaterThan(0);
    fc.pre;
  }, 600000);
});
