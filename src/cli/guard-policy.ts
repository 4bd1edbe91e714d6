import { DumpsieveError } from '../base/runtime/errors.js';
import type { Policy } from '../index.js';
import { rawPath } from './raw-arguments.js';

/** Where systemd puts the credentials of the service: root reads them there, too, while it runs. */
const CREDENTIALS = '/run/credentials/dumpsieve-guard.service';

/** Loads the policy that a verb beside the service was given. */
export async function policyOf(file: string | undefined): Promise<Policy> {
  if (file === undefined)
    throw new DumpsieveError({
      code: 'wrong-call',
      message: 'no policy is named',
      hint: 'say --policy FILE; docs/guard-policy.md has one to begin with',
    });
  const { loadPolicy } = await import('../index.js');
  return loadPolicy(rawPath(file), { CREDENTIALS_DIRECTORY: CREDENTIALS, ...process.env });
}
