import type { CheckName } from '../../rules/vocabulary.js';
import { azureCask, azureMarvin32, entraMarvin32 } from './azure.js';
import { plainBase58check, rippleBase58check, xprvBase58check } from './base58check.js';
import { ageBech32 } from './bech32.js';
import { nkeyCrc16 } from './nkey.js';
import { pemKey } from './pem-key.js';
import { base64Json, curve25519Clamped } from './shape.js';
import type { TokenCheck } from './types.js';
import { githubCrc32, gitlabCrc32, grafanaCrc32, matrixCrc32, vercelCrc32 } from './vendor-crc.js';

/** Every check that a rule may name. */
export const checks: Readonly<Record<CheckName, TokenCheck>> = {
  'github-crc32': githubCrc32,
  'vercel-crc32': vercelCrc32,
  'gitlab-crc32': gitlabCrc32,
  'grafana-crc32': grafanaCrc32,
  'matrix-crc32': matrixCrc32,
  'nkey-crc16': nkeyCrc16,
  'azure-marvin32': azureMarvin32,
  'azure-cask': azureCask,
  'entra-marvin32': entraMarvin32,
  'age-bech32': ageBech32,
  'xprv-base58check': xprvBase58check,
  base58check: plainBase58check,
  'ripple-base58check': rippleBase58check,
  'curve25519-clamped': curve25519Clamped,
  'base64-json': base64Json,
  'pem-key': pemKey,
};
