import { Secret } from '../../core/base/crypto/secret.js';
import type { Rulebook } from '../../detect/rulebook/rulebook.js';
import { scanBytes } from '../../detect/rulebook/scan-bytes.js';
import { identify, identifySecret, quickFingerprint, type SecretIdentity } from '../../prove/fingerprint.js';
import type { FindTarget } from './find-targets.js';

/**
 * Identities of findings of a target, if rules find it. A key is known by its public half, or by a private
 * number of it where a dump lacks the public half; a value by its bytes, which come first, or by what a rule
 * makes of the whole of it.
 */
export function identitiesOf(target: FindTarget, book: Rulebook): SecretIdentity[] {
  const { finding, private: half, value } = target;
  const all =
    value === undefined
      ? [finding ?? [], half ? numbersOf(half.material) : []].flat().map((id) => ({ id, fingerprint: id }))
      : valueIdentities(value, book);
  return [...new Map(all.map((each) => [each.id, each])).values()];
}

/** A number without a public half is identified by a fast hash (`identify`). */
const numbersOf = (material: object): string[] =>
  Object.values(material)
    .filter((part) => part instanceof Secret)
    .map((number) => quickFingerprint(identifySecret(number)));

function valueIdentities(value: Secret, book: Rulebook): SecretIdentity[] {
  const bytes = value.reveal();
  const whole = scanBytes(bytes, book).filter(
    ({ offset, length }) => offset === 0 && length === bytes.length,
  );
  return [identifySecret(value), ...whole.map((candidate) => identify(candidate))];
}
