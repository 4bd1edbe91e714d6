import { compile, compiled } from '../../e2e/bare/program.js';
import { program } from '../../support/programs.js';
import { source } from './programs.js';
import type { Dump, Trials } from './trial.js';

const classes = (): string =>
  compiled('java', (folder) => {
    compile(program('javac'), ['-d', folder, source('Holder.java')]);
    return folder;
  });

const HELD = ['text'];
const NUMBERS = ['d bytes', 'p bytes', 'q bytes', 'dp bytes', 'dq bytes', 'qi bytes'];
/** A heap dump, then a core. */
const both = (
  way: string,
  inHeapDump: Dump['holds'],
  inCore: Dump['holds'],
  more: Partial<Dump> = {},
): Dump[] => [
  { way, by: 'itself', holds: inHeapDump, ...more },
  { way, by: 'kernel', holds: inCore, ...more },
];
const itself = (way: string, holds: Dump['holds'], ...flags: string[]): Dump => ({
  way,
  by: 'itself',
  holds,
  flags,
});

/** Small, so that its dumps are. */
const SMALL = ['-Xmx48m', '-Xss512k', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

export const JAVA: Trials = {
  needs: ['java', 'javac'],
  command: (flags) => [program('java'), ...SMALL, ...flags, '-cp', classes(), 'Holder'],
  rows: [
    {
      id: 'java-fill-the-array',
      secret: 'text',
      before: both('array', HELD, HELD),
      after: both('filled array', [], []),
    },
    {
      id: 'java-direct-buffer',
      secret: 'text',
      before: both('array', HELD, HELD),
      after: both('direct', [], HELD),
    },
    {
      id: 'java-no-environment',
      secret: 'text',
      before: both('environment', HELD, HELD, { environment: true }),
      after: both('filled array', [], []),
    },
    {
      id: 'java-flags-of-dumps',
      secret: 'text',
      before: [
        itself('array, out of memory', HELD, '-XX:+HeapDumpOnOutOfMemoryError'),
        itself('array, crash', HELD),
      ],
      after: [
        itself('array, out of memory', 'no dump', '-XX:-HeapDumpOnOutOfMemoryError'),
        itself(
          'array, out of memory',
          'no dump',
          '-XX:+HeapDumpOnOutOfMemoryError',
          '-XX:HeapDumpPath=/proc/closed',
        ),
        itself('array, crash', 'no dump', '-XX:-CreateCoredumpOnCrash'),
        ...both('array', HELD, HELD, {
          flags: ['-XX:-HeapDumpOnOutOfMemoryError', '-XX:-CreateCoredumpOnCrash'],
        }),
      ],
    },
    {
      id: 'java-destroy-rsa',
      secret: 'RSA',
      before: [itself('key, live', NUMBERS)],
      after: [itself('destroyed key, live', NUMBERS)],
    },
    {
      id: 'java-drop-the-reference',
      secret: 'text',
      before: [...both('array', HELD, HELD), itself('array, live', HELD)],
      after: [...both('dropped array', HELD, HELD), itself('dropped array, live', [])],
    },
  ],
};
