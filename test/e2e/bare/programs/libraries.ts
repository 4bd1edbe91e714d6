import { join } from 'node:path';
import { program, type RequirementName } from '../../../support/programs.js';
import type { Form, KeyName } from '../keys.js';
import { compile, compiled, type Program, signer, source } from '../program.js';

/** C programs, each signing with one library. */

export interface Library {
  name: string;
  needs: RequirementName;
  file: string;
  link: string;
  keys: readonly KeyName[];
  files: readonly Form[];
}

export const libraries: readonly Library[] = [
  {
    name: 'mbedTLS',
    needs: 'mbedtls/pk.h',
    file: 'mbedtls',
    link: '-lmbedcrypto',
    keys: ['rsa', 'p256', 'p384', 'bp512'],
    files: ['pem'],
  },
  {
    name: 'wolfSSL',
    needs: 'wolfssl/ssl.h',
    file: 'wolfssl',
    link: '-lwolfssl',
    keys: ['rsa', 'p256', 'ed25519'],
    files: ['der', 'traditional'],
  },
  {
    name: 'BearSSL',
    needs: 'bearssl.h',
    file: 'bearssl',
    link: '-lbearssl',
    keys: ['rsa', 'p256', 'p384'],
    files: ['der'],
  },
  {
    name: 'libgcrypt',
    needs: 'gcrypt.h',
    file: 'gcrypt',
    link: '-lgcrypt',
    keys: ['rsa', 'p256', 'ed25519'],
    files: ['sexp'],
  },
];

export const cProgram = ({ name, needs, file, link, keys, files }: Library): Program => ({
  name,
  needs: ['gcc', needs],
  keys,
  files,
  start(folder) {
    const path = compiled(file, (place) => {
      compile(program('gcc'), ['-O1', source(`${file}.c`), '-o', join(place, file), link]);
      return join(place, file);
    });
    return signer(folder, path, keys);
  },
});

export const cLibraries: readonly Program[] = libraries.map(cProgram);
