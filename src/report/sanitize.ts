import { escapeText } from '../base/text/escape.js';
import type { ScanEvent } from '../model/report.js';
import type { Masker } from './mask.js';

/** How a field's text is made safe. */
type Treatment = 'clean' | 'escape';

const RULE_ID = /^[a-z0-9-]{1,64}$/;

/**
 * Fields that this program computes itself and in which a rule might see a secret (a digest looks like a key): escaped,
 * not masked. Everything else, and every field that comes later, is masked.
 */
const COMPUTED: Readonly<Record<string, RegExp>> = {
  spki: /^[0-9A-Za-z+/]+={0,2}$/,
  spkiSha256: /^[0-9a-f]{64}$/,
  jwkThumbprint: /^[0-9A-Za-z_-]{43}$/,
  sshFingerprint: /^SHA256:[0-9A-Za-z+/]{43}$/,
  fingerprint: /^v1:[0-9a-f]{64}$/,
  sha256: /^[0-9a-f]{64}$/,
  address: /^0x[0-9a-f]+$/,
  // A rule keeps its name where a word of it was met as a poor secret: database-url-password.
  ruleId: RULE_ID,
  alsoMatched: RULE_ID,
};

/** The preview is the issuer's prefix and the length: made by the detector, it may be all that a mask would look for. */
const ESCAPED: ReadonlySet<string> = new Set(['preview']);

/** Keys under which the dump (or a user) names the fields: no name in there is this program's own. */
const FOREIGN: ReadonlySet<string> = new Set(['claims', 'process', 'options']);

/** Depth of an event is fixed; a deeper value is not one of ours. */
const DEEPEST = 12;

function treatment(name: string, text: string, foreign: boolean): Treatment {
  if (foreign) return 'clean';
  return ESCAPED.has(name) || COMPUTED[name]?.test(text) ? 'escape' : 'clean';
}

/**
 * The one choke point before every reporter: all text of an event is masked and escaped, names of fields too.
 * `preview` and digests are only escaped. The event itself is left as it is.
 */
export function sanitize(event: ScanEvent, masker: Masker): ScanEvent {
  const walk = (value: unknown, name: string, foreign: boolean, depth: number): unknown => {
    if (typeof value === 'string')
      return treatment(name, value, foreign) === 'escape' ? escapeText(value) : masker.clean(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > DEEPEST) return '[too deep]';
    if (Array.isArray(value)) return value.map((each) => walk(each, name, foreign, depth + 1));
    const fields = Object.entries(value).map(([key, each]) => [
      foreign ? masker.clean(key) : key,
      walk(each, key, foreign || FOREIGN.has(key), depth + 1),
    ]);
    return Object.fromEntries(fields);
  };
  return walk(event, '', false, 0) as ScanEvent;
}
