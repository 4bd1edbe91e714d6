import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { parts } from '../../search/harness.js';
import { rsaFrom } from '../../search/seeded.js';
import { gcore, startTarget } from '../../support/processes.js';
import { program } from '../../support/programs.js';
import { writePrivate } from '../../support/secrets.js';
import { freshKeys, writeKeys } from '../bare/keys.js';
import { sightingsIn } from '../bare/oracle.js';
import { compile, dumpOf, source, stopAll } from '../bare/program.js';
import { SMALL_JVM } from '../bare/programs/runtimes.js';
import { servers } from '../bare/programs/servers.js';

/** Dumps of programs with one part of an RSA key, so that only the search for that part finds it. */

export const LEFT_KEY = rsaFrom('left part', 2048);

/** Parts by which a search is known to find a key, as the byte search names them. */
export const LEFT_PARTS = ['dp', 'dq', 'R^2 mod p', 'R^2 mod q'] as const;
type LeftPart = (typeof LEFT_PARTS)[number];

/** A core of OpenSSL's s_server after handshakes, in which all other parts of its key are overwritten. */
export async function dumpLeftPart(folder: string, part: LeftPart): Promise<string> {
  const server = servers.find(({ name }) => name === 'openssl s_server')!;
  const place = writeKeys(folder, { ...freshKeys(['p256']), rsa: LEFT_KEY }, server.files);
  try {
    const [process] = await server.start(folder);
    rmSync(place, { recursive: true });
    const path = await dumpOf(process!, folder);
    const core = openSync(path, 'r+');
    for (const { part: each, offset, length } of sightingsIn(path, { rsa: LEFT_KEY }))
      if (each.name !== part) writeSync(core, Buffer.alloc(length), 0, length, offset);
    closeSync(core);
    return path;
  } finally {
    await stopAll();
  }
}

/** A core of a JVM that has signed with a key of n and d (RSAPrivateKeySpec). It never had the public key. */
export async function dumpPlainExponent(folder: string): Promise<string> {
  for (const name of ['n', 'd'] as const) writePrivate(folder, name, parts(LEFT_KEY)[name]!);
  compile(program('javac'), ['-d', folder, source('PlainExponent.java')]);
  const args = [...SMALL_JVM, '-cp', folder, 'PlainExponent'];
  const target = await startTarget(program('java'), args, { cwd: folder, ready: 'ready' });
  try {
    for (const name of ['n', 'd']) rmSync(`${folder}/${name}`);
    return await gcore(target.pid, folder);
  } finally {
    await target.stop();
  }
}
