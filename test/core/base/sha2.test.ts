import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { resume, SHA2, type Sha2 } from '../../../src/core/base/crypto/sha2.js';
import fc from '../../support/property.js';

/** Initial hash values (FIPS 180-4, 5.3.3 to 5.3.5). */
const START: Record<Sha2, string> = {
  sha256: '6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19',
  sha384:
    'cbbb9d5dc1059ed8629a292a367cd5079159015a3070dd17152fecd8f70e593967332667ffc00b318eb44a8768581511db0c2e0d64f98fa747b5481dbefa4fa4',
  sha512:
    '6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1510e527fade682d19b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179',
};

test.each(Object.keys(START) as Sha2[])('%s resumed at any block agrees with OpenSSL', (hash) => {
  const { block, compress } = SHA2[hash];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3 * 128 }), fc.nat({ max: 3 }), (message, most) => {
      const whole = Math.min(most, Math.floor(message.length / block));
      let state: Buffer = Buffer.from(START[hash], 'hex');
      for (let i = 0; i < whole; i++)
        state = compress(state, Buffer.from(message.subarray(i * block, (i + 1) * block)));
      const digest = resume(hash, state, whole, message.subarray(whole * block));
      expect(digest.toString('hex')).toBe(createHash(hash).update(message).digest('hex'));
    }),
    { numRuns: 60 },
  );
});
