import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/core/base/crypto/secret.js';
import type { KeyMaterial, RsaMaterial } from '../../src/core/model/key-material.js';
import { proveDamaged } from '../../src/prove/judge/proof-cache.js';
import { prove } from '../../src/prove/prove.js';
import type { ProofResult } from '../../src/prove/types.js';
import fc from '../support/property.js';
import { ecKey, mutated, okpKey, rsaKey, without } from './keys.js';
import { big, bytes } from './numbers.js';

const { material } = rsaKey(1024);
const parts = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qinv'] as const;
type Part = (typeof parts)[number];

/** The key with one byte of some parts changed. */
function damaged(changes: readonly [Part, number, number][]): RsaMaterial {
  const key: RsaMaterial = { ...material };
  for (const [name, at, mask] of changes) {
    if (name === 'n' || name === 'e') key[name] = mutated(material[name], at, mask);
    else key[name] = new Secret(mutated(material[name].reveal(), at, mask));
  }
  return key;
}

function remainsOf(key: KeyMaterial): ProofResult {
  const whole = prove(key);
  return whole.status === 'contradicted' ? proveDamaged(key, whole) : whole;
}

const primes = [material.p, material.q].map((prime) => big(prime.reveal()));

describe('an RSA key', () => {
  /** True if the remaining parts suffice: a naive reading of RFC 8017, 3.2. */
  const suffices = (lost: ReadonlySet<Part>): boolean => {
    const has = (...names: Part[]) => names.every((name) => !lost.has(name));
    return (
      (has('n') && (has('p') || has('q'))) ||
      has('p', 'q', 'e', 'd') ||
      has('p', 'q', 'e', 'dp', 'dq') ||
      has('e', 'q', 'dp', 'qinv') ||
      has('e', 'p', 'dq', 'qinv') ||
      (has('n', 'e') && (has('d') || has('dp') || has('dq')))
    );
  };

  test('with damaged parts is proven if and only if the others suffice', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.constantFrom(...parts), fc.nat(1023), fc.integer({ min: 1, max: 255 })), {
          minLength: 1,
          maxLength: 5,
          selector: ([name]) => name,
        }),
        (changes) => {
          const result = remainsOf(damaged(changes));
          const lost = new Set(changes.map(([name]) => name));
          // With n and a prime any valid exponent is a key, also a damaged e.
          if (lost.has('e') && !suffices(new Set([...lost].filter((name) => name !== 'e')))) return;
          if (!suffices(lost)) expect(result.status).not.toBe('proven');
          else if (!lost.has('e')) expect(result.status).toBe('proven');
          if (result.status !== 'proven') return;
          expect(result.damaged).toEqual(expect.any(String));
          const values = result.components.map(({ value }) => big(value.reveal()));
          expect(values).toEqual(expect.arrayContaining(primes));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('with a damaged e is proven by the e of its d', () => {
    const result = remainsOf({ ...material, e: bytes(65_539n) });
    const whole = prove(material);
    expect(result).toMatchObject({ status: 'proven', facts: (whole as { facts: object }).facts });
  });

  test('with parts of two keys is proven as one of them', () => {
    const other = rsaKey(1024).material;
    expect(remainsOf({ ...other, n: material.n, p: material.p })).toMatchObject({ status: 'proven' });
    expect(remainsOf({ ...without(other, 'p', 'q'), n: material.n }).status).toBe('contradicted');
  });
});

describe('a private half with the public half of another key', () => {
  const curves: [string, KeyMaterial, KeyMaterial][] = [
    ['P-256', { ...ecKey('P-256').material, point: ecKey('P-256').material.point }, ecKey('P-256').material],
    [
      'Ed25519',
      { ...okpKey('Ed25519').material, public: okpKey('Ed25519').material.public },
      okpKey('Ed25519').material,
    ],
  ];
  test.each(curves)(
    '%s: stays contradicted, with the result for the private half alone',
    (_, wrong, right) => {
      expect(prove(right)).toMatchObject({ status: 'proven' });
      const alone = 'point' in wrong ? without(wrong, 'point') : without(wrong, 'public' as never);
      const own = prove(alone as KeyMaterial);
      expect(remainsOf(wrong)).toMatchObject({
        status: 'contradicted',
        remains: { status: 'unproven', pending: (own as { pending: object }).pending },
      });
    },
  );
});
