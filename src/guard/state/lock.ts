import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { DumpsieveError, systemCode } from '../../core/base/runtime/errors.js';
import { tryTo } from '../../core/base/runtime/try-to.js';

/**
 * A guard listens on two addresses. The abstract one is free at once when the guard is killed, and known in
 * one network namespace. The socket in its folder is seen by all who have the folder: a service without a
 * network has a namespace of its own.
 */

/** Octets of the longest path of a socket (unix(7)). */
const LONGEST_PATH = 107;

export function lockAddress(state: string): string {
  const hash = createHash('sha256').update(fs.realpathSync(state)).digest('hex').slice(0, 16);
  const name = `dumpsieve-guard-${hash}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : `\0${name}`;
}

/** The socket in the folder; undefined where it would have too long a name. */
export function socketPath(state: string): string | undefined {
  const name = path.join(fs.realpathSync(state), 'guard.sock');
  return process.platform === 'win32' || Buffer.byteLength(name) > LONGEST_PATH ? undefined : name;
}

/** Milliseconds that a connection within a machine takes at most. */
const PATIENCE = 2_000;

/** Whether a guard listens on an address. */
export async function isListenedTo(address: string): Promise<boolean> {
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

/** Held until the process ends. Throws (exit 3) if another guard has it. */
export async function holdLock(state: string): Promise<() => void> {
  const lock = await listen(lockAddress(state));
  const file = socketPath(state);
  if (file === undefined) return () => lock.close();
  try {
    if (await isListenedTo(file)) throw isRunning();
    // That of a guard that was killed.
    fs.rmSync(file, { force: true });
    const server = await listen(file);
    return () => {
      // Closing removes its file.
      tryTo(() => server.close());
      lock.close();
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

async function listen(address: string): Promise<net.Server> {
  const server = net.createServer((socket) => socket.destroy());
  try {
    server.listen(address);
    await once(server, 'listening');
  } catch (error) {
    throw systemCode(error) === 'EADDRINUSE' ? isRunning() : error;
  }
  return server.unref();
}

const isRunning = (): DumpsieveError =>
  new DumpsieveError({
    code: 'guard-is-running',
    message: 'another guard serves this state',
    hint: 'stop it first, or give this one a state of its own',
  });
