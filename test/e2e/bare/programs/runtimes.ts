import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CARGO, PYTHON, program } from '../../../support/programs.js';
import type { KeyName } from '../keys.js';
import { compile, compiled, launch, type Program, signer, source } from '../program.js';

/** Programs that sign with the libraries of a language. */

const ALL = ['rsa', 'p256', 'p384', 'ed25519'] as const satisfies KeyName[];

const CRYPTOGRAPHY = [...ALL, 'bp512'] as const satisfies KeyName[];

const python: Program = {
  name: 'Python cryptography',
  needs: ['python3', 'python3-cryptography'],
  keys: CRYPTOGRAPHY,
  files: ['pem'],
  start: (folder) => signer(folder, PYTHON, [source('signer.py'), ...CRYPTOGRAPHY]),
};

const sodium: Program = {
  name: 'Python PyNaCl',
  needs: ['python3', 'python3-nacl'],
  keys: ['ed25519'],
  files: ['der'],
  start: (folder) => signer(folder, PYTHON, [source('sodium.py')]),
};

const ECDSA = ['p256', 'p384', 'bp320', 'bp512', 'ed25519'] as const satisfies KeyName[];

const ecdsa: Program = {
  name: 'Python ecdsa',
  needs: ['python3', 'python3-ecdsa'],
  keys: ECDSA,
  files: ['der'],
  start: (folder) => signer(folder, PYTHON, [source('plain-ints.py'), ...ECDSA]),
};

const node = (
  name: string,
  script: string,
  files: Program['files'],
  keys: readonly KeyName[] = ALL,
): Program => ({
  name,
  needs: [],
  keys,
  files,
  start: (folder) => signer(folder, process.execPath, ['--expose-gc', source(script), ...keys]),
});

function javaClasses(): string {
  return compiled('java', (place) => {
    compile(program('javac'), ['-d', place, source('Signer.java')]);
    return place;
  });
}

/** The memory that a JVM reserves is part of its core and is searched byte by byte. */
export const SMALL_JVM = ['-Xmx64m', '-XX:CompressedClassSpaceSize=16m', '-XX:ReservedCodeCacheSize=32m'];

const java: Program = {
  name: 'Java',
  needs: ['java', 'javac', 'jcmd', 'openssl'],
  keys: ALL,
  files: ['der', 'certificate'],
  async start(folder) {
    const args = [...SMALL_JVM, '-cp', javaClasses(), 'Signer', ...ALL];
    const target = await launch(folder, program('java'), args, 'ready');
    return [
      { role: 'raw core', pid: target.pid },
      {
        role: 'HPROF',
        pid: target.pid,
        async dump(place) {
          const path = join(place, 'heap.hprof');
          execFileSync(program('jcmd'), [String(target.pid), 'GC.heap_dump', '-all', path]);
          return path;
        },
      },
    ];
  },
};

const mono: Program = {
  name: 'Mono',
  needs: ['mono', 'mcs'],
  keys: ['rsa'],
  files: ['integers'],
  start(folder) {
    const path = compiled('mono', (place) => {
      compile(program('mcs'), [`-out:${place}/signer.exe`, source('Signer.cs')]);
      return join(place, 'signer.exe');
    });
    return signer(folder, program('mono'), [path]);
  },
};

function rustBinary(name: string): string {
  const ring = compiled('rust', (place) => {
    cpSync(source('rust'), place, { recursive: true });
    const env = { PATH: '/usr/bin:/bin', HOME: place, CARGO_HOME: join(place, 'home') };
    compile(CARGO, ['build', '--offline', '--quiet'], { cwd: place, env });
    return join(place, 'target/debug/ring');
  });
  return join(dirname(ring), name);
}

const rust = (name: string, binary: string, keys: readonly KeyName[]): Program => ({
  name,
  needs: ['cargo', 'librust-ring-dev', 'librust-rsa-dev'],
  keys,
  files: ['der'],
  start: (folder) => signer(folder, rustBinary(binary), []),
});

export const runtimes: readonly Program[] = [
  python,
  sodium,
  ecdsa,
  node('Node KeyObject', 'signer.mjs', ['pem']),
  node('Node WebCrypto from JWK', 'webcrypto.mjs', ['jwk']),
  node('Node, members of a JWK', 'jwk-members.mjs', ['jwk']),
  node('Node, hexadecimal digits', 'hexadecimal.mjs', ['hex'], ['p256', 'p384', 'ed25519']),
  java,
  mono,
  rust('Rust ring', 'ring', ALL),
  rust('Rust rsa', 'rsa', ['rsa']),
];
