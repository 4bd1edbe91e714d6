/** Names in rule files for code of other rooms, whose tables are typed by these lists. */

/** Keys of src/detect/table.ts. */
export const DETECTORS = [
  'text',
  'jwt',
  'session',
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
/** Detectors without anchors. */
export const UNCALLED: readonly DetectorName[] = ['run', 'find'];
/** Detectors with a pattern. */
export const PATTERNED: readonly DetectorName[] = ['text', 'session'];
export type DetectorName = (typeof DETECTORS)[number];

/** Keys of src/detect/checks/index.ts. */
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
