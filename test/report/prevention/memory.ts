import { cProgram } from './programs.js';
import type { Dump, Trials } from './trial.js';

/** Memory that a C program allocates itself, its environment, and dumps of the kernel. */

const HELD = ['text'];
const kernel = (way: string, holds: Dump['holds'], more: Partial<Dump> = {}): Dump => ({
  way,
  by: 'kernel',
  holds,
  ...more,
});

const gcore = (way: string, holds: Dump['holds'], more: Partial<Dump> = {}): Dump => ({
  ...kernel(way, holds, more),
  by: 'gcore',
});

/** Inherited by the program (core(5)). */
const filter = (bits: string): Partial<Dump> => ({
  shell: `ulimit -c unlimited; echo ${bits} >/proc/self/coredump_filter`,
});

const inEnvironment = { environment: true };

export const MEMORY: Trials = {
  needs: ['gcc'],
  command: () => [cProgram('memory')],
  rows: [
    {
      id: 'dontdump',
      secret: 'text',
      before: [kernel('page', HELD)],
      after: [kernel('excluded', []), { way: 'excluded', by: 'gcore', holds: [] }],
    },
    {
      id: 'dontdump-and-a-copy',
      secret: 'text',
      before: [kernel('heap', HELD)],
      after: [kernel('copied', HELD)],
    },
    {
      id: 'dontdump-and-a-debugger',
      secret: 'text',
      before: [kernel('page', HELD), { way: 'page', by: 'gcore', holds: HELD }],
      after: [
        { way: 'excluded', by: 'gcore of everything', holds: HELD },
        { way: 'excluded', by: '/proc/PID/mem', holds: HELD },
      ],
    },
    { id: 'mlock', secret: 'text', before: [kernel('page', HELD)], after: [kernel('locked', HELD)] },
    {
      id: 'memset-before-free',
      secret: 'text',
      before: [kernel('freed', HELD)],
      after: [kernel('set and freed', HELD)],
    },
    {
      id: 'explicit-bzero',
      secret: 'text',
      before: [kernel('freed', HELD)],
      after: [kernel('wiped and freed', [])],
    },
    {
      id: 'unsetenv',
      secret: 'text',
      before: [kernel('environment', HELD, inEnvironment)],
      after: [kernel('unset', HELD, inEnvironment)],
    },
    {
      id: 'not-dumpable',
      secret: 'text',
      before: [kernel('heap', HELD)],
      after: [kernel('undumpable', 'no dump'), { way: 'undumpable', by: 'gcore', holds: HELD }],
    },
    {
      id: 'no-core-limit',
      secret: 'text',
      before: [kernel('heap', HELD)],
      after: [kernel('heap', 'no dump', { shell: 'ulimit -c 0' })],
    },
    {
      id: 'filter-without-shared',
      secret: 'text',
      before: [kernel('shared', HELD), gcore('shared', HELD)],
      after: [kernel('shared', [], filter('0x31')), gcore('shared', [], filter('0x31'))],
    },
    {
      id: 'filter-without-private',
      secret: 'text',
      before: ['heap', 'stack'].map((way) => kernel(way, HELD)),
      after: [
        ...['heap', 'stack', 'page'].map((way) => kernel(way, [], filter('0x32'))),
        kernel('environment', [], { ...inEnvironment, ...filter('0x32') }),
        gcore('heap', [], filter('0x32')),
      ],
    },
    {
      id: 'filter-of-nothing',
      secret: 'text',
      before: [kernel('heap', HELD), kernel('shared', HELD)],
      after: [
        ...['heap', 'stack', 'page', 'shared'].map((way) => kernel(way, [], filter('0'))),
        gcore('heap', [], filter('0')),
        kernel('registers', HELD, filter('0')),
      ],
    },
    {
      id: 'file-for-environment',
      secret: 'text',
      before: [kernel('environment', HELD, inEnvironment)],
      after: [kernel('wiped and freed', [])],
    },
    {
      id: 'memfd-secret',
      needs: ['memfd_secret'],
      secret: 'text',
      before: [kernel('shared', HELD), gcore('shared', HELD)],
      after: [
        kernel('secretmem', []),
        gcore('secretmem', []),
        { way: 'secretmem', by: 'gcore of everything', holds: [] },
        { way: 'secretmem', by: '/proc/PID/mem', holds: [] },
      ],
    },
    {
      id: 'wipe-the-stack',
      secret: 'text',
      before: [kernel('stack', HELD)],
      after: [kernel('wiped stack', []), kernel('stack in use', HELD), kernel('registers', HELD)],
    },
  ],
};
