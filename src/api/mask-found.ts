import { knownSecretsOf } from '../find/find-targets.js';
import { Masker } from '../mask/mask.js';
import type { FoundSecrets } from '../redact/all/found-secrets.js';
import { maskSecret } from '../scanner/mask-secrets.js';

/** Masks in a text what was found: an error may name the input, and come before the end of a report. */
export function maskFound(found: FoundSecrets, text: string): string {
  const masker = new Masker();
  for (const secret of knownSecretsOf(found.targets())) maskSecret(masker, secret, 'found');
  try {
    return masker.mask(text);
  } finally {
    masker.wipe();
  }
}
