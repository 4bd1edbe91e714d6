/** Names that a rule file may use for code of other rooms; their tables are typed by these lists, so neither side can drift. */

/** Rows of the table of detectors that a rule may call. */
export const DETECTORS = [
  'text',
  'jwt',
  'pem',
  'der',
  'openssh',
  'jwk',
  'cng',
  'sexp',
  'spki',
  'run',
  'find',
] as const;
/** Those that no anchor calls. */
export const UNCALLED: readonly DetectorName[] = ['run', 'find'];
export type DetectorName = (typeof DETECTORS)[number];

/** Rows of the table of checks (src/detect/checks). */
export const CHECKS = [
  'github-crc32',
  'vercel-crc32',
  'gitlab-crc32',
  'grafana-crc32',
  'azure-marvin32',
  'azure-cask',
  'entra-marvin32',
  'age-bech32',
  'xprv-base58check',
  'curve25519-clamped',
  'base64-json',
] as const;
export type CheckName = (typeof CHECKS)[number];
