import { expect, test } from '@jest/globals';
import { valuePrefixes } from '../../src/detect/rulebook/compile-net.js';
import type { Rule } from '../../src/rules/types.js';

const rule = (pattern: string, anchors: string[], more: Partial<Rule> = {}): Rule =>
  ({
    detector: 'text',
    pattern,
    caseless: false,
    boundary: 'token',
    checks: [],
    anchors: anchors.map((anchor) => ({ bytes: Buffer.from(anchor), text: true })),
    ...more,
  }) as Rule;

test.each<[string, Rule, string[]]>([
  ['a prefix of a long token', rule('(?P<secret>ghp_[0-9A-Za-z]{36})', ['ghp_']), ['ghp_']],
  ['prefixes of alternatives', rule('(?P<secret>[rs]k_[0-9a-z]{20})', ['rk_', 'sk_']), ['rk_', 'sk_']],
  ['a token that may be short', rule('(?P<secret>ghp_[0-9a-z]{5,36})', ['ghp_']), []],
  ['a dot within 16 characters', rule('(?P<secret>SG\\.[0-9A-Za-z]{22})', ['SG.']), []],
  ['an anchor in the middle', rule('(?P<secret>[0-9A-Za-z+/]{76}ACDb[0-9a-z]{4})', ['ACDb']), []],
  ['an anchor before the secret', rule('key=(?P<secret>[0-9a-z]{32})', ['key=']), []],
  ['a spelling without an anchor', rule('(?P<secret>[rst]k_[0-9a-z]{20})', ['rk_', 'sk_']), []],
  [
    'one form with a prefix, another with an anchor inside',
    rule('(?P<secret>(?:ab_[0-9a-z]{20}|[0-9]{5}\\.cd_[0-9a-z]{9}))', ['ab_', '.cd_']),
    ['ab_'],
  ],
  ['a checksum', rule('(?P<secret>ghp_[0-9A-Za-z]{36})', ['ghp_'], { checks: ['github-crc32'] }), []],
  ['any boundary', rule('(?P<secret>ghp_[0-9A-Za-z]{36})', ['ghp_'], { boundary: 'none' }), []],
  ['any case', rule('(?P<secret>ghp_[0-9A-Za-z]{36})', ['ghp_'], { caseless: true }), []],
])('the value net finds: %s', (_, each, prefixes) => {
  const found = valuePrefixes(each).map(({ bytes }) => Buffer.from(bytes).toString());
  expect(found).toEqual(prefixes);
});
