import { finishInTurns, type Pausing } from '../base/runtime/turns.js';
import { knownSecretsOf } from '../find/find-targets.js';
import { Masker } from '../mask/mask.js';
import type { FoundSecrets } from '../redact/all/found-secrets.js';
import { maskSecret } from '../scanner/mask-secrets.js';

/** Masks the texts of an error: one may name the input, and come before the end of a report. */
export function foundMasker(found: FoundSecrets): Promise<Masker> {
  return finishInTurns(maskAll(found));
}

function* maskAll(found: FoundSecrets): Pausing<never, Masker> {
  const masker = new Masker();
  for (const secret of knownSecretsOf(found.targets())) {
    maskSecret(masker, secret, 'found');
    yield undefined;
  }
  return masker;
}
