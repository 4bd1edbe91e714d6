import { finishInTurns, type Pausing } from '../core/base/runtime/turns.js';
import { Masker } from '../known/mask/mask.js';
import type { FoundSecrets } from '../redact/all/found-secrets.js';
import { knownSecretsOf } from '../scan/find/find-targets.js';
import { maskSecret } from '../scan/mask-secrets.js';

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
