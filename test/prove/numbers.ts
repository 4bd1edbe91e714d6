import { Secret } from '../../src/core/base/crypto/secret.js';

export const big = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
export const bytes = (value: bigint) => {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
};
export const secret = (value: bigint) => new Secret(bytes(value));
