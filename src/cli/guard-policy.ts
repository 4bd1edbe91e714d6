import type { Policy } from '../index.js';
import { rawPath } from './raw-arguments.js';

/** Where systemd puts the credentials of the service: root reads them there, too, while it runs. */
const CREDENTIALS = '/run/credentials/dumpsieve-guard.service';

/** Loads the policy of a verb beside the service. */
export async function policyOf(file: string): Promise<Policy> {
  const { loadPolicy } = await import('../index.js');
  return loadPolicy(rawPath(file), { CREDENTIALS_DIRECTORY: CREDENTIALS, ...process.env });
}
