import { source } from './programs.js';
import type { Dump, Trials } from './trial.js';

const RSA = ['d', 'p', 'q', 'dp', 'dq', 'qi'];
const kernel = (way: string, holds: Dump['holds'], more: Partial<Dump> = {}): Dump => ({
  way,
  by: 'kernel',
  holds,
  ...more,
});
const secureHeap = { flags: ['--secure-heap=65536', '--secure-heap-min=2'] };

const outOfMemory = (holds: Dump['holds'], ...flags: string[]): Dump => ({
  way: 'string, out of memory',
  by: 'itself',
  holds,
  shell: 'ulimit -c 0; mkdir elsewhere',
  flags: ['--max-old-space-size=32', ...flags],
});

export const NODE: Trials = {
  needs: [],
  command: (flags) => [process.execPath, ...flags, source('node.cjs')],
  rows: [
    {
      id: 'node-fill-the-buffer',
      secret: 'RSA',
      before: [kernel('key', ['pem', ...RSA])],
      after: [kernel('key, filled', RSA)],
    },
    {
      id: 'node-secure-heap-rsa',
      secret: 'RSA',
      before: [kernel('key', ['pem', ...RSA])],
      after: [kernel('key', ['pem', 'p', 'q'], secureHeap)],
    },
    {
      id: 'node-secure-heap-and-fill-rsa',
      secret: 'RSA',
      before: [kernel('key', ['pem', ...RSA])],
      after: [kernel('key, filled', ['p', 'q'], secureHeap)],
    },
    {
      id: 'node-secure-heap-and-fill-ec',
      secret: 'EC',
      before: [kernel('key', ['pem', 'd', 'd bytes'])],
      after: [kernel('key, filled', ['d bytes'], secureHeap)],
    },
    {
      id: 'node-buffers-in-snapshots',
      secret: 'text',
      before: [{ way: 'string', by: 'itself', holds: ['text'] }, kernel('string', ['text'])],
      after: [{ way: 'buffer', by: 'itself', holds: [] }, kernel('buffer', ['text'])],
    },
    {
      id: 'node-diagnostic-folder',
      secret: 'text',
      before: [outOfMemory(['text'], '--heapsnapshot-near-heap-limit=1')],
      after: [
        outOfMemory('no dump'),
        outOfMemory(['text'], '--heapsnapshot-near-heap-limit=1', '--diagnostic-dir=elsewhere'),
      ],
    },
    {
      id: 'key-in-another-process',
      secret: 'RSA',
      before: [kernel('key', ['pem', ...RSA])],
      after: [kernel('agent', [])],
    },
  ],
};
