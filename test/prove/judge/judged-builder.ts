import { Secret } from '../../../src/core/base/crypto/secret.js';
import type { SecretCandidate } from '../../../src/detect/core/types.js';
import type { Judged } from '../../../src/prove/judge/judged.js';
import type { ProofResult } from '../../../src/prove/types.js';
import type { Rule } from '../../../src/rules/types.js';

export function rule(over: Partial<Rule> = {}): Rule {
  return {
    id: 'example-token',
    name: 'Example token',
    kind: 'token',
    severity: 'high',
    signing: false,
    impact: 'acts as the user',
    rotate: 'revoke it in the settings',
    anchors: [],
    caseless: false,
    window: { before: 0, after: 40 },
    detector: 'text',
    encodings: ['utf8'],
    boundary: 'token',
    checks: [],
    references: [],
    examples: [],
    counterexamples: [],
    source: 'rules/example.yaml:1',
    ...over,
  };
}

export function candidate(secret: string, over: Partial<SecretCandidate> = {}): SecretCandidate {
  const offset = over.offset ?? 0;
  const length = over.length ?? secret.length;
  return {
    type: 'candidate',
    rule: rule(),
    offset,
    length,
    extents: [{ offset, length }],
    notAdjacentInMemory: false,
    secret: Secret.text(secret),
    confidence: 'high',
    evidence: [],
    notes: [],
    partial: false,
    preview: `exa_… (${secret.length})`,
    ...over,
  };
}

export function judged(
  secret: string,
  over: Partial<SecretCandidate> = {},
  more: Partial<Judged> = {},
): Judged {
  return { candidate: candidate(secret, over), artifact: 0, region: { kind: 'heap' }, ...more };
}

/** Text with about 6 bits of entropy per character, the same on every run. */
export function strongText(seed: number, length = 40): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  let state = (seed * 2654435761 + 12345) >>> 0;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    text += alphabet[(state >>> 8) % alphabet.length];
  }
  return text;
}

export const SPKI = Uint8Array.of(0x30, 3, 1, 2, 3);
/** An RSA key that was proven. */
export const proven = (over: Partial<Extract<ProofResult, { status: 'proven' }>> = {}): ProofResult => ({
  status: 'proven',
  statements: ['n = p*q'],
  facts: { algorithm: 'RSA', bits: 2048, spkiSha256: 'aa'.repeat(32) },
  canonicalSpki: SPKI,
  components: [],
  ...over,
});
