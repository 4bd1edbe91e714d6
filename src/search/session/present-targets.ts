import { readSpki } from '../../asn1/spki.js';
import type { LimitTarget } from '../../model/report.js';
import { targetOfKey } from '../core/skipped-work.js';
import type { PublicKey } from '../core/types.js';
import type { LimitName } from '../search.js';

type Kind = 'rsa' | 'ec' | 'edwards' | '448' | 'token' | 'other';

/** Kinds of keys that candidates under a limit's name may be of, by the start of the name. */
const KINDS: readonly (readonly [start: string, kinds: readonly Kind[]])[] = [
  ['rsa', ['rsa']],
  ['ecdsa', ['ec']],
  ['ec', ['ec']],
  ['ed25519', ['edwards']],
  ['ed448', ['448']],
  ['x448', ['448']],
  ['hmac', ['token']],
];
const ALL: readonly Kind[] = ['rsa', 'ec', 'edwards', '448', 'token', 'other'];

function kindOf(spki: Uint8Array): Kind {
  const key = readSpki(spki)?.key;
  if (key?.type === 'rsa' || key?.type === 'ec') return key.type;
  if (key?.type !== 'okp') return 'other';
  return key.curve.endsWith('448') ? '448' : 'edwards';
}

/**
 * What candidates were for that a search dropped before the public keys were known: for each target of that
 * kind, and for keys of which nothing is known.
 */
export function presentTargets(publicKeys: readonly PublicKey[]): (search: LimitName) => LimitTarget[] {
  const keys = publicKeys
    .filter(({ isPublicRoot }) => !isPublicRoot)
    .map((key) => ({ kind: kindOf(key.spki), target: targetOfKey(key) }));
  return (search) => {
    const kinds = KINDS.find(([start]) => search.startsWith(start))?.[1] ?? ALL;
    const own = keys.filter(({ kind }) => kinds.includes(kind));
    return [
      ...(['asked', 'written'] as const).filter((each) => own.some(({ target }) => target === each)),
      'blind',
    ];
  };
}
