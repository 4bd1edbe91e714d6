import { libraryOf, programs } from '../../test/e2e/bare/all-programs.js';
import type { KeyName } from '../../test/e2e/bare/keys.js';
import { type Program, signer, source } from '../../test/e2e/bare/program.js';
import { cProgram, libraries } from '../../test/e2e/bare/programs/libraries.js';
import { runtimes } from '../../test/e2e/bare/programs/runtimes.js';
import * as holders from '../../test/e2e/targets.js';
import { PYTHON } from '../../test/support/programs.js';
import { numberHolders } from './number-holders.js';
import { bareEntry, type Entry, holderEntry, minidumpEntry, signerEntry } from './program.js';

const bare = programs.map((program) => bareEntry(program, libraryOf(program.name)));

const DUMPED_BY_LLDB = ['openssl s_server', 'Python cryptography', 'Node KeyObject', 'mbedTLS', 'libgcrypt'];
const minidumps = programs
  .filter(({ name }) => DUMPED_BY_LLDB.includes(name))
  .map((program) => minidumpEntry(program, libraryOf(program.name)));

/**
 * Each key in a process of its own, without the numbers of other keys nearby. `script` is called with the
 * key's name.
 */
function alone(of: string, command: readonly string[], script: string): Entry[] {
  const { needs, files, keys } = runtimes.find(({ name }) => name === of)!;
  return keys.map((key) => {
    const [name, ...flags] = command;
    const start: Program['start'] = (folder) => signer(folder, name!, [...flags, source(script), key]);
    return bareEntry({ name: `${of}, ${key} alone`, needs, keys: [key], files, start }, libraryOf(of));
  });
}

/** Its source loads three keys by their names, whatever is passed. */
const FIXED = 'wolfssl';

const cAlone = libraries
  .filter(({ file }) => file !== FIXED)
  .flatMap((library) =>
    library.keys.map((key: KeyName) => {
      const program = cProgram({ ...library, name: `${library.name}, ${key} alone`, keys: [key] });
      return bareEntry(program, libraryOf(library.name));
    }),
  );

const NODE = [process.execPath, '--expose-gc'];

const signers: Entry[] = [
  signerEntry('node', 'node:crypto (OpenSSL)', []),
  signerEntry('python', 'cryptography (OpenSSL)', ['python3', 'python3-cryptography']),
  signerEntry('python with numbers', 'cryptography (Python integers)', ['python3', 'python3-cryptography']),
  signerEntry('java', 'JCA', ['java', 'javac']),
  signerEntry('openssl s_server with RSA', 'OpenSSL', ['openssl']),
  signerEntry('openssl s_server with EC', 'OpenSSL', ['openssl']),
  signerEntry('nginx', 'OpenSSL', ['nginx', 'openssl']),
];

const whole: Entry[] = [
  holderEntry('Node, files and environment', holders.nodeHolder, []),
  holderEntry('Node, files and environment', holders.nodeHolder, [], 'kernel'),
  holderEntry('Python, files and environment', holders.pythonHolder, ['python3', 'python3-cryptography']),
  holderEntry(
    'Python, files and environment',
    holders.pythonHolder,
    ['python3', 'python3-cryptography'],
    'kernel',
  ),
  holderEntry('32-bit C, file and environment', holders.c32Holder, ['gcc', 'gcc -m32']),
  holderEntry('32-bit C, file and environment', holders.c32Holder, ['gcc', 'gcc -m32'], 'kernel'),
  holderEntry('openssl s_server loading', holders.opensslLoadingHolder, ['openssl', 'mkfifo']),
  holderEntry('nginx loading', holders.nginxLoadingHolder, ['nginx', 'openssl', 'mkfifo']),
  holderEntry('ssh-keygen reading', holders.sshKeygenHolder, ['ssh-keygen', 'mkfifo']),
];

export const entries: readonly Entry[] = [
  ...bare,
  ...alone('Python cryptography', [PYTHON], 'signer.py'),
  ...alone('Python ecdsa', [PYTHON], 'plain-ints.py'),
  ...alone('Node KeyObject', NODE, 'signer.mjs'),
  ...cAlone,
  ...minidumps,
  ...signers,
  ...whole,
  ...numberHolders,
];
