import { Secret } from '../../core/base/crypto/secret.js';
import type { TokenCheck } from './types.js';

/**
 * `wg genkey` stores X25519 scalars clamped (RFC 7748, 5): five fixed bits, which 31 of 32 random texts lack.
 */
export const curve25519Clamped: TokenCheck = {
  statement: 'is a clamped Curve25519 scalar',
  verify(token) {
    const bytes = scalarOf(token);
    return bytes.length === 32 && (bytes[0]! & 0b111) === 0 && (bytes[31]! & 0b1100_0000) === 0b0100_0000;
  },
  key: (token) => ({
    material: { type: 'okp', curve: 'X25519', seed: new Secret(scalarOf(token)) },
    component: 'seed',
    encoding: encodingOf(token),
  }),
};

/** WireGuard's configuration protocol has 64 hex digits. */
const encodingOf = (token: string) => (token.length === 64 ? 'hex' : 'base64');

const scalarOf = (token: string): Buffer => Buffer.from(token, encodingOf(token));

/** Longest payload that is parsed, in characters. */
const JSON_MAX = 8192;

/** Tokens that contain a JSON object in base64 (`eyJ…`). */
export const base64Json: TokenCheck = {
  statement: 'payload decodes as a JSON object',
  verify(token) {
    const payload = /eyJ[0-9A-Za-z+/_-]*/.exec(token)?.[0];
    if (payload === undefined || payload.length > JSON_MAX) return undefined;
    try {
      const value: unknown = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    } catch {
      return false;
    }
  },
};
