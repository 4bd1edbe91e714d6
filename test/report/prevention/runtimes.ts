import { join } from 'node:path';
import { compile, compiled } from '../../e2e/bare/program.js';
import { PYTHON, program } from '../../support/programs.js';
import { source } from './programs.js';
import type { Dump, Trials } from './trial.js';

const HELD = ['text'];
const kernel = (way: string, holds: Dump['holds']): Dump => ({ way, by: 'kernel', holds });
const RSA = ['d', 'p', 'q', 'dp', 'dq', 'qi'];

export const PYTHON_BYTES: Trials = {
  needs: ['python3', 'python3-cryptography'],
  command: () => [PYTHON, source('python.py')],
  rows: [
    {
      id: 'python-del',
      secret: 'RSA',
      before: [kernel('key', ['pem', ...RSA])],
      after: [kernel('key, deleted', ['pem', ...RSA])],
    },
    {
      id: 'python-del',
      secret: 'text',
      before: [kernel('held', HELD)],
      after: [kernel('held, deleted', HELD)],
    },
  ],
};

const panics = (): string =>
  compiled('panic', (folder) => {
    const path = join(folder, 'panic');
    const env = { ...process.env, GOFLAGS: '-mod=mod', GO111MODULE: 'off' };
    compile(program('go'), ['build', '-o', path, source('panic.go')], { env });
    return path;
  });

const panic = (way: string, holds: Dump['holds'], traceback?: string): Dump => ({
  way,
  by: 'itself',
  holds,
  ...(traceback === undefined ? {} : { shell: `ulimit -c unlimited; export GOTRACEBACK=${traceback}` }),
});

export const GO: Trials = {
  needs: ['go', 'kernel cores in the working folder'],
  command: () => [panics()],
  rows: [
    {
      id: 'go-default-traceback',
      secret: 'text',
      before: [panic('default', HELD, 'crash')],
      after: [panic('default', 'no dump')],
    },
    {
      id: 'go-crash-traceback',
      secret: 'text',
      before: [panic('default', HELD, 'crash')],
      after: [panic('crash', HELD)],
    },
  ],
};

/** OpenSSL's s_server, dumped while it listens: its key has signed its certificate. */
export const OPENSSL_COMMAND: Trials = {
  needs: ['openssl'],
  command: () => ['/bin/sh', source('s_server.sh'), program('openssl')],
  ready: 'ACCEPT',
  rows: [
    {
      id: 'openssl-sec-mem',
      secret: 'RSA',
      before: [kernel('s_server', RSA)],
      after: [
        {
          ...kernel('s_server', RSA),
          shell: 'ulimit -c unlimited; export OPENSSL_SEC_MEM=65536 OPENSSL_SEC_MEM_MINSIZE=16',
        },
      ],
    },
  ],
};
