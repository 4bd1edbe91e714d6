import { canonicalPrivateKey, describeKey, type KeyRead } from '../../core/asn1/private-key.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import type { KeyNames, Kind, Severity, Wide } from '../../core/model/report.js';
import type { Window } from '../../formats/memory/types.js';
import type { Rule } from '../../rules/types.js';
import type { BareForm, OwnerClaim, PublicRecord, SecretCandidate } from './types.js';

/** A detector's finding in a window. */
export interface DetectedSecret {
  /** Indices into the window's bytes. */
  start: number;
  end: number;
  encoding: string;
  wide?: Wide | undefined;
  whole: boolean;
  kind: Kind;
  /** For example `RSA private key`. */
  title: string;
  /** Size in bits, unless the title has it. */
  bits?: number | undefined;
  secret: Secret;
  material?: KeyMaterial | undefined;
  /** A PEM with its BEGIN and END lines. */
  isArmoured?: true | undefined;
  severity?: Severity | undefined;
  confidence?: SecretCandidate['confidence'] | undefined;
  evidence?: string[] | undefined;
  notes?: string[] | undefined;
  names?: KeyNames | undefined;
}

/** The finding with its place in the artifact. */
export function candidate(rule: Rule, window: Window, found: DetectedSecret): SecretCandidate {
  const { start, end, whole, kind, title, bits, secret } = found;
  return {
    type: 'candidate',
    rule,
    ...placeOf(window, start, end),
    extents: window.extents(start, end),
    notAdjacentInMemory: false,
    secret,
    ...definedFields({ wide: found.wide }),
    confidence: found.confidence ?? (whole ? 'high' : 'medium'),
    ...definedFields({ severity: found.severity }),
    kind,
    title,
    evidence: found.evidence ?? [],
    notes: found.notes ?? [],
    ...definedFields({ material: found.material, isArmoured: found.isArmoured, names: found.names }),
    encoding: found.encoding,
    partial: !whole,
    preview: bits === undefined ? title : `${title}, ${bits} bits`,
  };
}

function placeOf(window: Window, start: number, end: number): { offset: number; length: number } {
  return { offset: window.offsetOf(start), length: end - start };
}

/** A public key with its place in the artifact. `source`: its certificate, or the form of a bare key. */
export function publicRecord(
  window: Window,
  [start, end]: [number, number],
  spki: Uint8Array,
  source: Uint8Array | BareForm = 'spki',
  owner: { claim?: OwnerClaim | undefined; names?: KeyNames | undefined } = {},
): PublicRecord {
  const bare = typeof source === 'string';
  return {
    type: 'public',
    form: bare ? source : 'certificate',
    ...placeOf(window, start, end),
    spki: new Uint8Array(spki),
    ...(bare ? {} : { certificate: new Uint8Array(source) }),
    ...definedFields(owner),
  };
}

export type KeyFound = Pick<
  DetectedSecret,
  'kind' | 'title' | 'bits' | 'secret' | 'material' | 'severity' | 'confidence' | 'notes'
>;

const CUT = 'truncated, but enough is left to recover the key';

/** Kind, title, secret and notes of a private key. */
export function describeMaterial(material: KeyMaterial, whole: boolean, notes: string[] = []): KeyFound {
  const { algorithm, bits } = describeKey(material);
  const placeholder = isPlaceholder(material);
  return {
    kind: material.type === 'oct' ? 'symmetric-key' : 'private-key',
    title: material.type === 'oct' ? 'symmetric key' : `${algorithm} private key`,
    bits,
    secret: new Secret(canonicalPrivateKey(material)),
    material,
    ...definedFields({ confidence: placeholder ? 'low' : undefined }),
    notes: [
      ...(whole ? [] : [CUT]),
      ...(placeholder ? ['placeholder: the private component is repetitive'] : []),
      ...notes,
    ],
  };
}

/** The same for an encrypted key, whose secret is its ciphertext. */
export const describeEncrypted = (title: string, ciphertext: Uint8Array) =>
  ({ kind: 'encrypted-key', title, secret: new Secret(ciphertext), severity: 'medium' }) as const;

/** Description of a DER structure that was read from `bytes`. */
export function describeRead(read: KeyRead, bytes: Uint8Array): KeyFound {
  const { material, ciphertext, algorithm, whole, notes } = read;
  if (material !== undefined) return describeMaterial(material, whole, notes);
  if (ciphertext === undefined)
    return {
      kind: 'private-key',
      title: `${algorithm} private key`,
      secret: new Secret(bytes.subarray(read.start, read.end)),
      notes: ['only the structure was checked: there is no proof for this algorithm', ...notes],
    };
  const empty = read.form === 'pkcs12' && notes.length > 0;
  const title = read.form === 'pkcs12' ? 'PKCS#12 key store' : 'encrypted private key (PKCS#8)';
  const encrypted = describeEncrypted(title, ciphertext);
  return { ...encrypted, ...(empty ? { severity: 'low', confidence: 'low' } : {}), notes };
}

/** The private number that the placeholder test looks at. */
const samples: {
  [K in KeyMaterial['type']]: (key: Extract<KeyMaterial, { type: K }>) => Secret | undefined;
} = {
  rsa: (key) => key.d ?? key.p ?? key.dp,
  ec: (key) => key.d,
  okp: (key) => key.seed,
  'edwards-scalar': (key) => key.scalar,
  dsa: (key) => key.x,
  oct: (key) => key.k,
  'hmac-states': (key) => key.inner,
};

/** Fewer distinct byte values than a random number of this length: zeros, repeated bytes, short counters. */
function isPlaceholder(material: KeyMaterial): boolean {
  const bytes = (samples[material.type] as (key: KeyMaterial) => Secret | undefined)(material)?.reveal();
  if (bytes === undefined || bytes.length < 8) return false;
  return new Set(bytes).size < Math.min(12, bytes.length / 2);
}
