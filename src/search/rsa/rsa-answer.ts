import { Secret } from '../../base/crypto/secret.js';
import type { RsaMaterial } from '../../model/key-material.js';
import type { SkippedBySearch } from '../core/skipped-work.js';
import type { NumberFound } from '../core/types.js';

const PUBLIC = ['n', 'e'] as const;
const PRIVATE = ['p', 'q', 'd', 'dp', 'dq'] as const;

/** A proven key with its parts as plain bytes. */
type RsaShown = Omit<NumberFound, 'material'> & {
  parts: { [K in (typeof PUBLIC | typeof PRIVATE)[number]]?: Uint8Array };
};

/** Keys that are proven, and what was not searched for them. */
export interface RsaAnswer {
  found: RsaShown[];
  left: SkippedBySearch;
}

/** What `searchRsa` has found, as the other searches tell it. */
export function* rsaFound({ found }: RsaAnswer): Generator<NumberFound> {
  for (const { parts, ...rest } of found) {
    const material: RsaMaterial = { type: 'rsa' };
    for (const name of PUBLIC) if (parts[name]) material[name] = parts[name];
    for (const name of PRIVATE) if (parts[name]) material[name] = new Secret(parts[name]);
    yield { material, ...rest };
  }
}

/** The same as plain data. */
export function show({ material, ...rest }: NumberFound & { material: RsaMaterial }): RsaShown {
  const parts: RsaShown['parts'] = {};
  for (const name of PUBLIC) if (material[name]) parts[name] = Uint8Array.from(material[name]);
  for (const name of PRIVATE) if (material[name]) parts[name] = material[name].reveal();
  return { parts, ...rest };
}
