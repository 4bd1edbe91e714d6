import { canonicalPrivateKey, describeKey } from '../../core/asn1/private-key.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { reportedName } from '../../core/encodings/number-forms.js';
import { isSymmetric, type KeyMaterial } from '../../core/model/key-material.js';
import type { Severity } from '../../core/model/report.js';
import type { SecretCandidate } from '../../detect/core/types.js';
import type { Rule } from '../../rules/types.js';
import type { NumberFound } from './types.js';

function titleOf(material: KeyMaterial, algorithm: string): string {
  if (material.type === 'hmac-states') return `${algorithm}: hash states of an HMAC secret`;
  // No other number is searched for as one.
  return material.type === 'oct' ? 'HMAC secret' : `${algorithm} private key`;
}

/** The rule's candidate for a key found as a bare number. */
export function candidateOf(
  rule: Rule,
  {
    material,
    place,
    evidence = [],
    component,
    encoding,
    ephemeral,
    doubt,
    signed,
    partial = false,
  }: NumberFound,
  severity?: Severity,
): SecretCandidate {
  const { offset, length, reading } = place;
  const { algorithm, bits } = describeKey(material);
  const title = titleOf(material, algorithm);
  return {
    type: 'candidate',
    rule,
    offset,
    length,
    extents: [{ offset, length }],
    notAdjacentInMemory: false,
    secret: new Secret(canonicalPrivateKey(material)),
    confidence: 'medium',
    ...definedFields({ severity }),
    kind: isSymmetric(material) ? 'symmetric-key' : 'private-key',
    title,
    evidence,
    notes: [],
    material,
    encoding: encoding ?? reportedName(reading),
    ...definedFields({ component, signed, ephemeral: ephemeral || undefined, doubt }),
    partial,
    preview: bits === undefined ? title : `${title}, ${bits} bits`,
  };
}
