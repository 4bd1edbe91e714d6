import { once } from 'node:events';
import net from 'node:net';
import { orUndefined } from '../../base/runtime/or-undefined.js';

import { lockAddress } from './lock.js';

/** Milliseconds that a connection within a machine takes at most. */
const PATIENCE = 2_000;

/** Whether a service of this state holds its lock, as far as that is seen from this network namespace. */
export async function isServed({ state }: { state: string }): Promise<boolean> {
  const address = orUndefined(() => lockAddress(state));
  if (address === undefined) return false;
  const socket = net.connect(address);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE) });
    return true;
  } catch {
    return false;
  } finally {
    socket.on('error', () => {}).destroy();
  }
}
