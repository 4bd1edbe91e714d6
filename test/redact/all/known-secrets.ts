import { p256Key } from '../../../fixtures/keys.js';
import type { SeededRandom } from '../../../fixtures/random.js';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { finish } from '../../../src/core/base/runtime/turns.js';
import { openRulebook } from '../../../src/detect/rulebook/rulebook.js';
import { valueTable } from '../../../src/known/value-table.js';
import { windowsOf } from '../../../src/redact/all/further-fills.js';
import type { SecretSources } from '../../../src/redact/fill/compressed/secret-test.js';

/** A private scalar of P-256, 40 random bytes, and the sources by which a search knows both. */
export async function knownSecrets(
  random: SeededRandom,
): Promise<{ scalar: Buffer; value: Buffer; known: SecretSources }> {
  const scalar = Buffer.from(p256Key(random).export({ format: 'jwk' }).d!, 'base64url');
  const value = Buffer.from(random.bytes(40));
  const components = [{ name: 'd', value: new Secret(Uint8Array.from(scalar)) }];
  const known = {
    book: await openRulebook({}),
    table: finish(windowsOf([{ components, spki: new Uint8Array(0) }])),
    values: finish(valueTable([new Secret(Uint8Array.from(value))])),
  };
  return { scalar, value, known };
}
