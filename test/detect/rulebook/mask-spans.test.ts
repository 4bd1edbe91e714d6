import { beforeAll, describe, expect, test } from '@jest/globals';
import { maskSpans } from '../../../src/detect/rulebook/mask-spans.js';
import { openRulebook, type Rulebook } from '../../../src/detect/rulebook/rulebook.js';

describe('the beginning of a token at the end of a text', () => {
  let book: Rulebook;
  beforeAll(async () => {
    book = await openRulebook({});
  });

  test.each([
    ['of an issuer', ['ghp', '_aB3d'], true],
    ['behind a word that names begin with, too', ['api', '_aB3dE5fG7'], true],
    ['which is a name', ['api', '_secret'], false],
    ['which is a name with a dash', ['auth', '-secret'], false],
  ])('%s', (_, parts, isMasked) => {
    expect(maskSpans(parts.join(''), book)).toHaveLength(isMasked ? 1 : 0);
  });
});
