import { JAVA } from './java.js';
import { LIBSODIUM, OPENSSL } from './libraries.js';
import { MEMORY } from './memory.js';
import { NODE } from './node.js';
import { GO, OPENSSL_COMMAND, PYTHON_BYTES } from './runtimes.js';
import type { Trials } from './trial.js';

/** Trials by the test file that makes their dumps: its name without `.test.ts`. */
export const TABLES = {
  'memory.heavy': [MEMORY],
  'libraries.program': [LIBSODIUM, OPENSSL],
  'node.slow': [NODE],
  'java.slow': [JAVA],
  'runtimes.slow': [PYTHON_BYTES, GO, OPENSSL_COMMAND],
} as const satisfies Readonly<Record<string, readonly Trials[]>>;

export type TableName = keyof typeof TABLES;
