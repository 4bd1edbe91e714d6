import { describe, expect, test } from '@jest/globals';
import { LIMIT_TARGETS, type Limit } from '../../src/core/limits/limit.js';
import { acceptedLimits, LIMIT_NAMES } from '../../src/core/limits/limit-facts.js';
import { OTHER_LIMITS, type OtherLimitName } from '../../src/core/limits/other-limits.js';
import { explained } from '../../src/report/limit-sentences.js';

const limit = (search: Limit['search'], more: Partial<Limit> = {}): Limit => ({
  ...{ offset: 0, length: 8, search, target: 'blind', left: 40 },
  ...{ reason: "40 numbers were not tried: the search's budget was spent", ...more },
});

const NAMES = [...LIMIT_NAMES, ...(Object.keys(OTHER_LIMITS) as OtherLimitName[])];

test.each(NAMES)('%s: what was left out, what could be missed, what to do', (name) => {
  for (const target of LIMIT_TARGETS)
    for (const effort of ['normal', 'deep'] as const)
      for (const deep of [undefined, true] as const) {
        const one = limit(name, { target, ...(deep ? { deep } : {}) });
        const { reason } = explained(one, { effort });
        const remedy =
          deep && effort !== 'deep'
            ? 'searches it, and has no bound of time$'
            : 'does not lift this limit: [^`;]{10,}$';
        expect(reason).toMatch(
          new RegExp(`^40 numbers .*, so [^\`]{10,} could be missed; --effort deep ${remedy}`),
        );
      }
});

describe('what could be missed', () => {
  const rows: [Limit, string][] = [
    [
      limit('rsa-known-n d', { target: 'asked', deep: true }),
      'so the private half of a --find target (RSA) could be missed; ' +
        '--effort deep searches it, and has no bound of time',
    ],
    [
      limit('ed25519-seeds', { target: 'written', deep: true }),
      'so the private half of a public key or certificate in the file (Ed25519, X25519) could be missed; ' +
        '--effort deep searches it, and has no bound of time',
    ],
    [
      limit('rsa-unknown-n', { deep: true }),
      'so a private key whose public key and certificate are not in the file (RSA) could be missed; ' +
        '--effort deep searches it, and has no bound of time',
    ],
    [
      limit('ec-scalars', { target: 'written', deep: true }),
      'in the file (P-256, P-384, P-521 and 8 further kinds) could be missed',
    ],
    [limit('hmac-texts'), 'so the secret of a token (HS256, HS384, HS512) could be missed; '],
    [
      limit('numbers'),
      'so a private key whose public key and certificate are not in the file (of any kind) could be missed; ',
    ],
    [
      limit('numbers', { left: 4_417_731, reason: '4417731 runs were not kept' }),
      '4,417,731 runs were not kept, so',
    ],
    [limit('numbers', { left: 4, reason: 'of 41 kinds 4 were not kept' }), 'of 41 kinds 4 were not kept, so'],
    [limit('public-keys'), 'does not lift this limit: search for it with --find'],
  ];
  test.each(rows)('%j', (each, said) => {
    const { reason } = explained(each, { effort: 'normal' });
    expect(reason).toContain(said);
  });
});

test('every name can be accepted, and no other', () => {
  expect([...acceptedLimits(NAMES)]).toEqual(NAMES);
  expect([...acceptedLimits()]).toEqual([]);
  expect(() => acceptedLimits(['ec-scalars', 'asked'])).toThrow('no limit has the name "asked"');
});
