import { execFileSync } from 'node:child_process';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalSpki } from '../../../src/core/asn1/spki.js';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { ecFrom, ed25519From } from '../../search/seeded.js';
import { gcore, startTarget } from '../../support/processes.js';
import { PYTHON, program, type RequirementName } from '../../support/programs.js';
import { writePrivate } from '../../support/secrets.js';
import { compile, compiled } from '../bare/program.js';

/** Programs that sign, in libraries and by the textbook: their dumps hold one key and many nonces. */

const source = (name: string): string => join(fileURLToPath(asset('test/e2e/nonces/sources')), name);

/** Where the libraries are installed: the programs run in another folder. */
const require = createRequire(import.meta.url);

type Command = readonly [command: string, ...args: string[]];

/** A program that signs, without its arguments. */
interface Language {
  needs: readonly RequirementName[];
  command(): Command;
  /** Arguments after the common ones. */
  last?: readonly string[];
}

const CURVES = {
  secp256k1: { openssl: 'secp256k1', size: 32 },
  'P-256': { openssl: 'prime256v1', size: 32 },
  'P-384': { openssl: 'secp384r1', size: 48 },
  Ed25519: undefined,
} as const;

type CurveName = keyof typeof CURVES;

function goProgram(name: string): string {
  return compiled(`nonces ${name}`, (place) => {
    const path = join(place, 'signer');
    const env = { ...process.env, GOFLAGS: '-mod=mod', GO111MODULE: 'off' };
    compile(program('go'), ['build', '-o', path, source(name)], { env });
    return path;
  });
}

/** An image with Ironclad loaded: it takes half a minute to compile. */
function ironcladImage(): string {
  return compiled('nonces ironclad', (place) => {
    const path = join(place, 'image');
    const forms = [
      '(require :asdf)',
      '(asdf:load-system :ironclad)',
      `(sb-ext:save-lisp-and-die "${path}" :executable t)`,
    ].flatMap((form) => ['--eval', form]);
    const env = { ...process.env, XDG_CACHE_HOME: place };
    execFileSync(program('sbcl'), ['--non-interactive', ...forms], { env, stdio: 'ignore' });
    return path;
  });
}

function javaClasses(): string {
  return compiled('nonces java', (place) => {
    compile(program('javac'), ['-d', place, source('Integers.java')]);
    return place;
  });
}

const NODE: Command = [process.execPath, '--expose-gc'];
const LIMITS = [
  ...['-Xmx48m', '-XX:+UseSerialGC', '-XX:ReservedCodeCacheSize=24m'],
  '-XX:CompressedClassSpaceSize=16m',
];

const library = (path: string): Language => ({
  needs: [],
  command: () => [...NODE, source('libraries.mjs')],
  last: [path],
});

const LANGUAGES = {
  'Go crypto': { needs: ['go'], command: () => [goProgram('standard.go')] },
  'Go math/big': { needs: ['go'], command: () => [goProgram('big.go')] },
  'Lisp ironclad': {
    needs: ['sbcl', 'cl-ironclad'],
    command: () => [ironcladImage(), '--script', source('ironclad.lisp')],
  },
  'Lisp bignums': { needs: ['sbcl'], command: () => [program('sbcl'), '--script', source('integers.lisp')] },
  'Scheme integers': {
    needs: ['guile'],
    command: () => [program('guile'), '--no-auto-compile', source('integers.scm')],
  },
  'JavaScript BigInt': { needs: [], command: () => [...NODE, source('bigint.mjs')] },
  'JavaScript elliptic': library(require.resolve('elliptic')),
  'JavaScript noble, secp256k1': library(require.resolve('@noble/curves/secp256k1.js')),
  'JavaScript noble, NIST': library(require.resolve('@noble/curves/nist.js')),
  'JavaScript noble, Ed25519': library(require.resolve('@noble/curves/ed25519.js')),
  'Python ecdsa': { needs: ['python3', 'python3-ecdsa'], command: () => [PYTHON, source('library.py')] },
  'Python integers': { needs: ['python3'], command: () => [PYTHON, source('integers.py')] },
  'Ruby integers': { needs: ['ruby'], command: () => [program('ruby'), source('integers.rb')] },
  'Perl CryptX': { needs: ['libcryptx-perl'], command: () => [program('perl'), source('cryptx.pl')] },
  'Java BigInteger': {
    needs: ['java', 'javac'],
    command: () => [program('java'), ...LIMITS, '-cp', javaClasses(), 'Integers'],
  },
} satisfies Record<string, Language>;

/** A program, what it signs with, how often, and if it writes its public key as octets or in DER. */
export interface Signer {
  language: keyof typeof LANGUAGES;
  curve: CurveName;
  count: number;
  written: boolean;
}

const row = (
  language: Signer['language'],
  curve: CurveName,
  count: number,
  written: 'written' | 'bare',
): Signer => ({ language, curve, count, written: written === 'written' });

export const SIGNERS: readonly Signer[] = [
  row('Go crypto', 'P-256', 20, 'bare'),
  row('Go crypto', 'P-384', 1000, 'written'),
  row('Go crypto', 'Ed25519', 100, 'bare'),
  row('Go math/big', 'secp256k1', 20, 'bare'),
  row('Go math/big', 'P-256', 100, 'written'),
  row('Lisp ironclad', 'secp256k1', 20, 'bare'),
  row('Lisp ironclad', 'P-256', 1, 'written'),
  row('Lisp ironclad', 'P-384', 5, 'bare'),
  row('Lisp bignums', 'secp256k1', 100, 'bare'),
  row('Lisp bignums', 'P-256', 20, 'written'),
  row('Scheme integers', 'secp256k1', 20, 'bare'),
  row('JavaScript BigInt', 'P-256', 100, 'bare'),
  row('JavaScript BigInt', 'P-384', 1, 'written'),
  row('JavaScript elliptic', 'secp256k1', 100, 'bare'),
  row('JavaScript elliptic', 'P-256', 1000, 'written'),
  row('JavaScript noble, secp256k1', 'secp256k1', 1000, 'bare'),
  row('JavaScript noble, NIST', 'P-256', 20, 'written'),
  row('JavaScript noble, Ed25519', 'Ed25519', 20, 'bare'),
  row('Python ecdsa', 'secp256k1', 1000, 'written'),
  row('Python ecdsa', 'P-384', 20, 'bare'),
  row('Python integers', 'P-256', 20, 'bare'),
  row('Ruby integers', 'secp256k1', 20, 'bare'),
  row('Perl CryptX', 'P-256', 100, 'written'),
  row('Java BigInteger', 'secp256k1', 20, 'bare'),
];

export const nameOf = ({ language, curve, count, written }: Signer): string =>
  `${language}, ${curve}, ${count}${written ? ', written' : ''}`;

export const needsOf = ({ language }: Signer): readonly RequirementName[] => [
  'gdb',
  ...LANGUAGES[language].needs,
];

/** The key of a signer, the same in every run, and its public half in base64. */
function keyOf(signer: Signer): { octets: Buffer; spki: string } {
  const curve = CURVES[signer.curve];
  const seed = `nonces ${nameOf(signer)}`;
  const ec = curve && ecFrom(seed, signer.curve, curve.openssl, curve.size);
  const key: KeyObject = ec?.key ?? ed25519From(seed);
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const octets = ec?.d ?? key.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  return { octets, spki: Buffer.from(canonicalSpki(der)!).toString('base64') };
}

export const spkiOf = (signer: Signer): string => keyOf(signer).spki;

/** Starts the signer, waits until it has signed, and dumps it; returns the path of the core. */
export async function dumpSigner(signer: Signer, folder: string): Promise<string> {
  const language: Language = LANGUAGES[signer.language];
  const [command, ...args] = language.command();
  const path = writePrivate(folder, 'key', keyOf(signer).octets);
  const own = [path, signer.curve, String(signer.count), signer.written ? '1' : '0'];
  const all = [...args, ...own, ...(language.last ?? [])];
  const target = await startTarget(command, all, { cwd: folder, env: { HOME: folder }, ready: 'ready' });
  try {
    return await gcore(target.pid, folder);
  } finally {
    await target.stop();
  }
}
