/**
 * Kinds of tests: `unit` starts no system program and takes less than a minute on two cores; `e2e` is the
 * rest.
 */
export const KINDS = ['unit', 'e2e'] as const;
export type Kind = (typeof KINDS)[number] | 'all';

/** Folders of test/ that are end-to-end tests as a whole. */
const E2E_FOLDERS = ['e2e', 'hostile', 'distribution'];

/**
 * Test files of the rooms that are no unit tests, by folder: each takes more than two seconds, with large
 * inputs, long properties or programs that it starts.
 */
const E2E_FILES: Readonly<Record<string, readonly string[]>> = {
  api: ['library'],
  cli: ['completion', 'full', 'load', 'own-memory', 'terminal'],
  containers: ['gzip', 'seven-zip', 'sync-zlib', 'zstd'],
  copies: ['copy-nets', 'value-spellings'],
  detect: ['der', 'hostile', 'pem', 'repeat-skip'],
  find: ['env', 'find', 'written'],
  formats: [
    ...['elf-hostile', 'macho', 'minidump-hostile', 'view'],
    ...['real-breakpad', 'real-core', 'real-crashpad', 'real-minidump'],
  ],
  pipeline: [
    ...[
      'accept-limits',
      'file-changed',
      'limits-of-containers',
      'nothing-searched',
      'other-limits',
      'seam-runs',
      'second-sweep-job',
    ],
    ...['stream-sweep', 'unopened-files', 'wireguard'],
  ],
  policy: ['fold-floods', 'occurrences'],
  prove: ['identity', 'rsa-bounds'],
  redact: [
    'compressed-programs',
    'floods',
    'all/copies',
    'all/exits',
    'all/misleading',
    'all/parts',
    'faults/changes',
    'faults/moments',
  ],
  'redact/manifest': ['cheats', 'keys', 'manifest'],
  report: ['files', 'mask-encodings', 'sarif', 'schemas', 'secret-fields'],
  runs: ['windows'],
  search: [
    ...['bare-exponents', 'bare-moduli', 'byte-offset-primes', 'bytes-objects'],
    ...['curve-search', 'curve448', 'digit-runs', 'divisors', 'dumps', 'header-frequency', 'heap-dumps'],
    ...['foreign-tokens', 'hmac', 'join', 'js-engine-digits', 'kernel-curve', 'known-modulus-search'],
    ...['negative-points', 'negatives', 'nonce-signatures', 'nonces', 'odd-sizes'],
    ...['prime-parts', 'rare-curves', 'rsa', 'run-filling-numbers', 'shielded-keys'],
  ],
  source: ['page-cache'],
  sweep: ['bucket-assignment', 'kernel-select', 'kernels', 'needles', 'pool'],
};

const E2E = [
  ...E2E_FOLDERS.map((folder) => `/test/${folder}/`),
  ...Object.entries(E2E_FILES).map(([folder, files]) => `/test/${folder}/(${files.join('|')})\\.test\\.js$`),
];

/**
 * Arguments of jest for the tests of a kind. `args`: files, named as in test/ or by a part of the path, and
 * options, which end at the first file.
 */
export function jestArguments(kind: Kind, args: readonly string[]): string[] {
  const isFile = (arg: string) => arg.includes('/');
  const files = args.filter(isFile).map((file) => file.replace(/\.ts$/, ''));
  const options = args.filter((arg) => !isFile(arg));
  const ignored = kind === 'unit' ? ['--testPathIgnorePatterns', ...E2E] : [];
  const chosen = kind === 'e2e' && files.length === 0 ? ['--testPathPatterns', ...E2E] : [];
  return [...options, ...ignored, ...chosen, '--', ...files];
}

/** The files among the arguments that are end-to-end tests. */
export const e2eFiles = (args: readonly string[]): string[] =>
  args.filter((arg) =>
    E2E.some((pattern) => new RegExp(pattern).test(`/${arg.replace(/(\.test)?(\.ts)?$/, '.test.js')}`)),
  );
