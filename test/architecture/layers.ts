/**
 * The rooms of src/ from the bottom up: each imports only from itself and from rooms before it. The last
 * three are the modules that package.json names, each a room of one file.
 */
export const LAYERS = [
  'core',
  'rules',
  'sweep',
  'source',
  'formats',
  'known',
  'detect',
  'search',
  'prove',
  'report',
  'scan',
  'redact',
  'api',
  'guard',
  'guard.ts',
  'index.ts',
  'expect.ts',
  'cli',
] as const;
