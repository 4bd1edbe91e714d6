import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { SearchedPublicKey } from '../../src/search/core/types.js';
import { presentTargets } from '../../src/search/session/number-search.js';

const shown = ({ publicKey }: { publicKey: KeyObject }): SearchedPublicKey => ({
  spki: publicKey.export({ format: 'der', type: 'spki' }),
});
const P256 = shown(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }));
const P384 = shown(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }));
const RSA = shown(generateKeyPairSync('rsa', { modulusLength: 1024 }));
const ED25519 = shown(generateKeyPairSync('ed25519'));

describe('what runs were for that are not kept', () => {
  const tried = new Set(['P-256', 'Ed25519']);
  test.each([
    ['no public key', 'numbers', [], ['blind']],
    ['a key whose curve was tried in full', 'numbers', [P256, ED25519], ['blind']],
    ['one of another curve', 'numbers', [P256, P384], ['written', 'blind']],
    ['an RSA key', 'numbers', [P256, RSA], ['written', 'blind']],
    ['a target of another curve', 'numbers', [P256, { ...P384, isTarget: true }], ['asked', 'blind']],
    ['runs whose numbers were not extracted', 'runs', [P256], ['written', 'blind']],
    ['numbers of a search', 'ec-coordinates', [P256], ['written', 'blind']],
  ] as const)('%s', (_, search, keys, targets) => {
    expect(presentTargets(keys, (curve) => tried.has(curve))(search)).toEqual(targets);
  });
});
