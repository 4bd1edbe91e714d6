/**
 * Kinds of tests: `unit` starts no system program and takes less than a minute on two cores; `e2e` is the
 * rest.
 */
export const KINDS = ['unit', 'e2e'] as const;
export type Kind = (typeof KINDS)[number] | 'all';

/** Folders of test/ that are end-to-end tests as a whole. */
const E2E_FOLDERS = ['e2e', 'hostile', 'distribution'];

/** Further end-to-end test files: they build large inputs, run long properties or start system programs. */
const E2E_FILES = ['cli/completion', 'cli/full', 'formats/real-\\w+'];

const E2E = [
  ...E2E_FOLDERS.map((folder) => `/test/${folder}/`),
  ...E2E_FILES.map((file) => `/test/${file}\\.test\\.js$`),
];

/** Arguments of jest that select the tests of a kind. */
export function jestArguments(kind: Kind): string[] {
  if (kind === 'unit') return ['--testPathIgnorePatterns', ...E2E, '--'];
  if (kind === 'e2e') return ['--testPathPatterns', ...E2E, '--'];
  return [];
}
