import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import { isListenedTo, lockAddress, socketPath } from './lock.js';

/** Whether a guard of this state runs, in this network namespace or in another. */
export async function isServed({ state }: { state: string }): Promise<boolean> {
  const addresses = orUndefined(() => [lockAddress(state), socketPath(state)]) ?? [];
  for (const address of addresses) if (address !== undefined && (await isListenedTo(address))) return true;
  return false;
}
