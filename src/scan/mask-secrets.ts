import { Secret } from '../core/base/crypto/secret.js';
import type { SecretCandidate } from '../detect/core/types.js';
import { derivedOf } from '../known/derived-values.js';
import type { Masker } from '../known/mask/mask.js';
import { documentedIn } from '../prove/documentation-secrets.js';
import type { KnownSecret } from './find/find-targets.js';

/** Masks a secret from now on: of a key all private components, and what libraries derive from them. */
export function maskSecret(masker: Masker, secret: KnownSecret, ruleId: string): void {
  if ('value' in secret) {
    masker.addValue(secret.value, ruleId);
    return;
  }
  for (const component of secret.components) {
    masker.addNumber(component.value, ruleId);
    // Values derived from a prime are powers of two modulo it: no program prints them.
    if (component.name !== 'seed') continue;
    for (const { value } of derivedOf(component)) masker.addNumber(value, ruleId);
  }
}

/** A secret of documentation is not masked: it is a word such as "secret", which many paths have. */
const isWord = (secret: Secret): boolean => documentedIn(secret.reveal()) !== undefined;

/** Masks a secret that was proven in an artifact. */
export function maskProven(masker: Masker, secret: KnownSecret, ruleId: string): void {
  const components = 'components' in secret ? secret.components : [];
  if (!components.some(({ value }) => isWord(value))) maskSecret(masker, secret, ruleId);
}

/** Masks a candidate: the private numbers of a key, or the text of a token. */
export function maskCandidate(masker: Masker, candidate: SecretCandidate): void {
  const { material, secret, rule } = candidate;
  if (isWord(secret)) return;
  const kind = candidate.kind ?? rule.kind;
  const numbers = material === undefined ? [] : privateNumbers(material);
  for (const number of numbers) masker.addNumber(number, rule.id);
  // A symmetric key may be text.
  if (kind === 'symmetric-key') masker.addValue(secret, rule.id);
  else if (numbers.length === 0) masker.add(secret, rule.id);
}

/** The private parts of key material are its fields of the type Secret. */
function privateNumbers(material: object): Secret[] {
  return Object.values(material).flatMap((field: unknown) => {
    if (field instanceof Secret) return [field];
    if (Array.isArray(field)) return field.flatMap((each: object) => privateNumbers(each));
    return [];
  });
}
