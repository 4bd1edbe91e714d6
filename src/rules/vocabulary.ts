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
  'value',
  'object',
  'password',
] as const;
/** Detectors without anchors. */
export const UNCALLED: readonly DetectorName[] = ['run', 'find', 'value', 'object'];
/** Detectors with a pattern. */
export const PATTERNED: readonly DetectorName[] = ['text', 'session'];
export type DetectorName = (typeof DETECTORS)[number];

/** Keys of src/detect/checks/index.ts. */
export const CHECKS = [
  'github-crc32',
  'vercel-crc32',
  'gitlab-crc32',
  'grafana-crc32',
  'matrix-crc32',
  'nkey-crc16',
  'azure-marvin32',
  'azure-cask',
  'entra-marvin32',
  'age-bech32',
  'xprv-base58check',
  'base58check',
  'ripple-base58check',
  'curve25519-clamped',
  'base64-json',
  'pem-key',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** Alphabets of values, as services' rows name them. Letters of hex have one case; uuid: 8-4-4-4-12. */
export const VALUE_CLASSES = [
  'decimal',
  'hex',
  'base32',
  'base36',
  'base62',
  'base64',
  'base64url',
  'uuid',
] as const;
export type ValueClass = (typeof VALUE_CLASSES)[number];

/** Places of passwords: the shapes of src/detect/password/. */
export const PASSWORD_SHAPES = [
  'userinfo',
  'basic',
  'environment',
  'netrc',
  'pair',
  'quoted',
  'call',
  'element',
  'connection',
  'query',
  'option',
  'print',
  'line',
  'directive',
  'sql',
  'prose',
  'command',
  'arguments',
] as const;
export type PasswordShape = (typeof PASSWORD_SHAPES)[number];

/** Private keys whose numbers are fields of an object; keys of the table of materials. */
export const OBJECT_KEYS = ['okp', 'ec', 'rsa', 'dsa'] as const;
export type ObjectKey = (typeof OBJECT_KEYS)[number];

/** Numbers beside a private one that a row of an object may name. */
export const OBJECT_PARTS = ['n', 'e', 'p', 'q', 'g', 'order'] as const;
export type ObjectPart = (typeof OBJECT_PARTS)[number];

/** Curves whose private key is a string of octets. */
export const OCTET_CURVES = ['Ed25519', 'Ed448', 'X25519', 'X448'] as const;
