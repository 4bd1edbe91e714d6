import { escapeText } from '../../core/base/text/escape.js';
import type { ScanEvent } from '../../core/model/report.js';
import { RULE_ID } from '../../core/model/rule-id.js';
import type { Masker } from './mask.js';

type Treatment = 'clean' | 'escape';

/**
 * Fields that this program computes, in which a rule could match (a digest looks like a key): escaped, not
 * masked. All other fields are masked, new ones too.
 */
const COMPUTED: Readonly<Record<string, RegExp>> = {
  spki: /^[0-9A-Za-z+/]+={0,2}$/,
  spkiSha256: /^[0-9a-f]{64}$/,
  jwkThumbprint: /^[0-9A-Za-z_-]{43}$/,
  sshFingerprint: /^SHA256:[0-9A-Za-z+/]{43}$/,
  fingerprint: /^v1:[0-9a-f]{64}$/,
  sha256: /^[0-9a-f]{64}$/,
  address: /^0x[0-9a-f]+$/,
  mtime: /^[\d-]{10}T[\d:.]{12}Z$/,
  // A rule's name is not masked, even if a word of it was found as a weak secret: database-url-password.
  ruleId: RULE_ID,
  alsoMatched: RULE_ID,
  // Nor is that of a limit: `key-evidence` begins like a token.
  search: RULE_ID,
};

/** Made by the detector from the issuer's prefix and the length; the prefix alone could match a rule. */
const ESCAPED: ReadonlySet<string> = new Set(['preview']);

/** Fields whose own field names come from the dump or the user. */
const FOREIGN: ReadonlySet<string> = new Set(['claims', 'process', 'options']);

/** Greater than the depth of any event. */
const DEEPEST = 12;

function treatment(name: string, text: string, foreign: boolean): Treatment {
  if (foreign) return 'clean';
  return ESCAPED.has(name) || COMPUTED[name]?.test(text) ? 'escape' : 'clean';
}

/**
 * Masks and escapes all text of an event, names of fields too; `preview` and digests are only escaped. The
 * only way to every reporter. Returns a copy.
 */
export function sanitize(event: ScanEvent, masker: Masker): ScanEvent {
  // Warnings of the summary name findings by their fingerprints.
  if (event.type === 'finding' && event.fingerprint !== null) masker.show(event.fingerprint);
  return cleanTexts(event, masker);
}

/** {@link sanitize} for any structure with the fields of events. */
export function cleanTexts<Fields extends object>(fields: Fields, masker: Masker): Fields {
  const walk = (value: unknown, name: string, foreign: boolean, depth: number): unknown => {
    if (typeof value === 'string')
      return treatment(name, value, foreign) === 'escape' ? escapeText(value) : masker.clean(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > DEEPEST) return '[too deep]';
    if (Array.isArray(value)) return value.map((each) => walk(each, name, foreign, depth + 1));
    if (!foreign) return cleanOwn(value as Record<string, unknown>, depth);
    const fields = Object.entries(value).map(([key, each]) => [
      masker.clean(key),
      walk(each, key, true, depth + 1),
    ]);
    return Object.fromEntries(fields);
  };
  /** Its field names are this program's own. */
  const cleanOwn = (value: Record<string, unknown>, depth: number): object => {
    const cleaned: Record<string, unknown> = {};
    for (const key of Object.keys(value)) cleaned[key] = walk(value[key], key, FOREIGN.has(key), depth + 1);
    return cleaned;
  };
  return walk(fields, '', false, 0) as Fields;
}
