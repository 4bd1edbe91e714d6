import type { Program } from './program.js';
import { cLibraries } from './programs/libraries.js';
import { runtimes } from './programs/runtimes.js';
import { servers } from './programs/servers.js';
import { ssh } from './programs/ssh.js';

/** The library that each program signs with, and in parentheses what that is made with. */
const LIBRARIES: Readonly<Record<string, string>> = {
  'openssl s_server': 'OpenSSL',
  nginx: 'OpenSSL',
  HAProxy: 'OpenSSL',
  stunnel: 'OpenSSL',
  'Caddy (Go)': 'Go crypto',
  'GnuTLS (gnutls-serv)': 'GnuTLS',
  'NSS (selfserv)': 'NSS',
  'Python cryptography': 'cryptography (OpenSSL)',
  'Python PyNaCl': 'libsodium',
  'Python ecdsa': 'ecdsa (Python integers)',
  'Node KeyObject': 'node:crypto (OpenSSL)',
  'Node WebCrypto from JWK': 'WebCrypto (OpenSSL)',
  'Node, members of a JWK': 'V8 strings',
  'Node, hexadecimal digits': 'V8 strings',
  Java: 'JCA',
  Mono: 'Mono',
  'Rust ring': 'ring',
  'Rust rsa': 'rsa (num-bigint-dig)',
  mbedTLS: 'mbedTLS',
  wolfSSL: 'wolfCrypt',
  BearSSL: 'BearSSL',
  libgcrypt: 'libgcrypt',
  'ssh-agent': 'OpenSSH (OpenSSL)',
  'gpg-agent (as SSH agent)': 'libgcrypt',
  sshd: 'OpenSSH (OpenSSL)',
  dropbear: 'libtomcrypt',
};

export function libraryOf(name: string): string {
  const library = LIBRARIES[name];
  if (library === undefined) throw new Error(`name the library of ${name} in test/e2e/bare/all-programs.ts`);
  return library;
}

export const programs: readonly Program[] = [...servers, ...runtimes, ...cLibraries, ...ssh];

/** The library whose numbers are in memory: OpenSSL for each of the programs that sign with it. */
const implementationOf = ({ name }: Program): string =>
  /\((.*)\)$/.exec(libraryOf(name))?.[1] ?? libraryOf(name);

const first = new Map(programs.toReversed().map((program) => [implementationOf(program), program]));

/** Libraries whose numbers lie in memory in different ways: words, limbs of 31 bits, objects of a runtime. */
const DAILY: ReadonlySet<string> = new Set([
  'OpenSSL',
  'Go crypto',
  'JCA',
  'Python integers',
  'BearSSL',
  'libgcrypt',
]);

/** One program for each of these libraries, for each commit. */
export const daily = programs.filter(
  (program) => DAILY.has(implementationOf(program)) && first.get(implementationOf(program)) === program,
);
/** All others, for the night. */
export const others = programs.filter((program) => !daily.includes(program));
