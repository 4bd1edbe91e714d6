import { Secret } from '../../core/base/crypto/secret.js';
import type { RsaMaterial } from '../../core/model/key-material.js';
import type { SearchTimes } from '../core/search-clock.js';
import type { SkippedNumbers } from '../core/skipped-work.js';
import type { NumberFound } from '../core/types.js';
import { PRIVATE_PARTS, PUBLIC_PARTS } from './rsa-material.js';

/** A private RSA key and its place. */
export type FoundRsaKey = NumberFound & { material: RsaMaterial };

/** A proven key as plain data, for messages between threads. */
type PlainRsaKey = Omit<NumberFound, 'material'> & {
  parts: { [K in (typeof PUBLIC_PARTS | typeof PRIVATE_PARTS)[number]]?: Uint8Array };
};

/** Proven keys, and what the search skipped. */
export interface RsaAnswer {
  found: PlainRsaKey[];
  skipped: readonly SkippedNumbers[];
  times: SearchTimes;
  /** Indices of public keys of the request that are foreign. */
  foreign: readonly number[];
}

/** The keys of an answer, in the form of all other searches. */
export function* keysOfAnswer({ found }: RsaAnswer): Generator<NumberFound> {
  for (const { parts, ...rest } of found) {
    const material: RsaMaterial = { type: 'rsa' };
    for (const name of PUBLIC_PARTS) if (parts[name]) material[name] = parts[name];
    for (const name of PRIVATE_PARTS) if (parts[name]) material[name] = new Secret(parts[name]);
    yield { material, ...rest };
  }
}

export function toPlainData({ material, ...rest }: FoundRsaKey): PlainRsaKey {
  const parts: PlainRsaKey['parts'] = {};
  for (const name of PUBLIC_PARTS) if (material[name]) parts[name] = Uint8Array.from(material[name]);
  for (const name of PRIVATE_PARTS) if (material[name]) parts[name] = material[name].reveal();
  return { parts, ...rest };
}
