import { chmodSync } from 'node:fs';
import { writePrivate } from '../../support/secrets.js';

/** Arguments of dropbear, a server of SSH: in the foreground, on a port of this machine. */
export const dropbearArguments = (port: string, hostKey: string): string[] => [
  ...['-F', '-E', '-P', 'pid'],
  ...['-p', `127.0.0.1:${port}`, '-r', hostKey],
];

/** Arguments of a client that does not get past its login, with options of ssh_config(5). */
export const clientArguments = (port: string, options: readonly string[]): string[] => [
  ...['-v', '-F', '/dev/null', '-p', port],
  ...[...options, 'StrictHostKeyChecking=no', 'PubkeyAuthentication=no'].flatMap((option) => ['-o', option]),
  'root@127.0.0.1',
];

/** Environment of a client that keeps its connection: what it asks for a password never answers. */
export function silentPassword(folder: string): Record<'SSH_ASKPASS' | 'SSH_ASKPASS_REQUIRE', string> {
  const asked = writePrivate(folder, 'ask', '#!/bin/sh\nexec sleep 600\n');
  chmodSync(asked, 0o700);
  return { SSH_ASKPASS: asked, SSH_ASKPASS_REQUIRE: 'force' };
}
