import { readSpki } from '../../core/asn1/spki.js';
import type { LimitTarget } from '../../core/limits/limit.js';
import type { LimitName } from '../../core/limits/searches.js';
import { targetOfKey } from '../core/skipped-work.js';
import type { SearchedPublicKey } from '../core/types.js';

interface KindOfKey {
  kind: Kind;
  curve?: string;
}

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

/** Kinds by SubjectPublicKeyInfo: limits are asked for more than once. */
const known = new WeakMap<Uint8Array, KindOfKey>();

function kindOf(spki: Uint8Array): KindOfKey {
  const kind = known.get(spki) ?? readKind(spki);
  known.set(spki, kind);
  return kind;
}

function readKind(spki: Uint8Array): KindOfKey {
  const key = readSpki(spki)?.key;
  if (key?.type === 'rsa') return { kind: 'rsa' };
  if (key?.type !== 'ec' && key?.type !== 'okp') return { kind: 'other' };
  const { curve } = key;
  if (key.type === 'ec') return { kind: 'ec', curve };
  return { kind: curve.endsWith('448') ? '448' : 'edwards', curve };
}

/** Limits on the list of runs, from which numbers are extracted before it is full. */
const RUNS: ReadonlySet<string> = new Set<LimitName>(['numbers']);

/**
 * What candidates were for that a search dropped before the public keys were known: for each target of that
 * kind, and for keys of which nothing is known. `hasTriedAll`: every number in runs that are not kept was
 * tried against the public keys of this curve.
 */
export function presentTargets(
  publicKeys: readonly SearchedPublicKey[],
  hasTriedAll: (curve: string) => boolean = () => false,
): (search: LimitName) => LimitTarget[] {
  const read = () =>
    publicKeys
      .filter(({ isPublicRoot }) => !isPublicRoot)
      .map((key) => ({ ...kindOf(key.spki), target: targetOfKey(key) }));
  let keys: ReturnType<typeof read> | undefined;
  return (search) => {
    keys ??= read();
    const kinds = KINDS.find(([start]) => search.startsWith(start))?.[1] ?? ALL;
    const isSettled = (curve?: string) => RUNS.has(search) && curve !== undefined && hasTriedAll(curve);
    const own = keys.filter(({ kind, curve }) => kinds.includes(kind) && !isSettled(curve));
    return [
      ...(['asked', 'written'] as const).filter((each) => own.some(({ target }) => target === each)),
      'blind',
    ];
  };
}
