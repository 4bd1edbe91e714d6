import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import { DumpsieveError, systemCode } from '../../base/runtime/errors.js';

/**
 * Address on which the guard of a state listens: abstract on Linux, so that it is free at once when the guard
 * is killed. It is one a network namespace; what two namespaces share, the log's size guards.
 */
export function lockAddress(state: string): string {
  const hash = createHash('sha256').update(fs.realpathSync(state)).digest('hex').slice(0, 16);
  const name = `dumpsieve-guard-${hash}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : `\0${name}`;
}

/** Held until the process ends. Throws (exit 3) if another guard has it. */
export async function holdLock(state: string): Promise<() => void> {
  const server = net.createServer((socket) => socket.destroy());
  try {
    server.listen(lockAddress(state));
    await once(server, 'listening');
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE') throw error;
    throw new DumpsieveError({
      code: 'guard-is-running',
      message: 'another guard serves this state',
      hint: 'stop it first, or give this one a state of its own',
    });
  }
  server.unref();
  return () => server.close();
}
