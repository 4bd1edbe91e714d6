import { expect, test } from '@jest/globals';
import { KnownTexts } from '../../src/report/known-texts.js';
import fc from '../support/property.js';

/** Longest common prefix with any secret of at least twelve characters, or the whole of a shorter one. */
function naive(secrets: readonly string[], text: string, at: number): number {
  const lengths = secrets.map((secret) => {
    let length = 0;
    while (length < secret.length && at + length < text.length && text[at + length] === secret[length])
      length++;
    return length >= Math.min(12, secret.length) ? length : 0;
  });
  return Math.max(0, ...lengths);
}

test('of secrets with a common prefix the longest match is returned', () => {
  const part = fc.stringMatching(/^[ab]{0,9}$/);
  const secret = fc
    .tuple(fc.constantFrom('', 'aaaaaaa', 'aaaaaaaaaaab', 'abababababab'), part)
    .map(([a, b]) => a + b);
  fc.assert(
    fc.property(fc.array(secret, { maxLength: 30 }), secret, part, (secrets, text, more) => {
      const known = new KnownTexts();
      for (const each of secrets) known.add(each, 'rule');
      const whole = text + more;
      const learnt = secrets.filter((each) => each.length >= 6);
      for (let at = 0; at < whole.length; at++)
        expect(known.at(whole, at)?.length ?? 0).toBe(naive(learnt, whole, at));
    }),
    { numRuns: 300 },
  );
});

test('a secret learnt twice is stored once', () => {
  const known = new KnownTexts();
  expect([known.add('secret-one', 'a'), known.add('secret-one', 'b'), known.add('short', 'a')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(known.size).toBe(1);
});
