import { cProgram } from './programs.js';
import type { Dump, Trials } from './trial.js';

const HELD = ['text'];
const kernel = (way: string, holds: Dump['holds']): Dump => ({ way, by: 'kernel', holds });

export const LIBSODIUM: Trials = {
  needs: ['gcc', 'libsodium.so.23'],
  command: () => [cProgram('libsodium', 'libsodium.so.23')],
  rows: [
    {
      id: 'sodium-malloc',
      secret: 'text',
      before: [kernel('malloc', HELD)],
      after: [kernel('sodium_malloc', [])],
    },
    {
      id: 'sodium-mlock-of-pages',
      secret: 'text',
      before: [kernel('aligned', HELD)],
      after: [kernel('aligned, locked', [])],
    },
    {
      id: 'sodium-mlock-unaligned',
      secret: 'text',
      before: [kernel('malloc', HELD)],
      after: [kernel('malloc, locked', HELD)],
    },
  ],
};

export const OPENSSL: Trials = {
  needs: ['gcc', 'openssl'],
  command: () => [cProgram('openssl', 'libcrypto.so.3')],
  rows: [
    {
      id: 'openssl-secure-malloc',
      secret: 'text',
      before: [kernel('malloc', HELD)],
      after: [kernel('secure', []), kernel('secure, used', HELD)],
    },
    {
      id: 'explicit-bzero',
      secret: 'text',
      before: [kernel('freed', HELD)],
      after: [kernel('cleansed, freed', [])],
    },
    {
      id: 'openssl-secure-heap-rsa',
      secret: 'RSA',
      before: [kernel('RSA', ['d', 'p', 'q', 'dp', 'dq', 'qi'])],
      after: [kernel('secure, RSA', ['p', 'q'])],
    },
  ],
};
