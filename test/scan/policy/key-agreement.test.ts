import { describe, expect, test } from '@jest/globals';
import { atOnce } from '../../../src/core/base/runtime/turns.js';
import type { Occurrence } from '../../../src/core/model/report.js';
import { Fold } from '../../../src/scan/policy/fold.js';
import { judged, proven, rule } from '../../prove/judge/judged-builder.js';
import { addJudged } from './add-judged.js';

const WRITTEN = new Date('2026-03-01T00:00:00Z');

describe('the private half of a key agreement', () => {
  const agreement = rule({ id: 'key-agreement-number', kind: 'private-key', severity: 'low' });
  const decided = (algorithm: string, place: Partial<Occurrence>, ephemeral = false) => {
    const fold = new Fold();
    fold.artifact(0, { path: 'core', mtime: WRITTEN });
    const proof = proven({ facts: { algorithm, spkiSha256: 'aa'.repeat(32) } });
    const id = addJudged(
      fold,
      judged('seed', { rule: agreement, confidence: 'high' }, { proof, ephemeral }),
    )!;
    fold.copy(id, { artifact: 0, offset: 9_000, length: 64, region: { kind: 'heap' }, ...place });
    const [finding] = atOnce(fold.findings());
    return [finding!.severity, finding!.reason, finding!.notes.length];
  };

  test.each(['hex', 'base64', 'base64url'])('in text (%s) is not a key of one handshake', (encoding) => {
    expect(decided('X25519', { component: 'seed', encoding })).toEqual(['high', undefined, 1]);
    expect(decided('X25519', { component: 'seed', encoding }, true)).toEqual(['high', undefined, 1]);
    expect(decided('X448', { component: 'seed', encoding })).toEqual(['low', 'below-threshold', 0]);
  });

  test.each<Partial<Occurrence>>([
    { component: 'seed', encoding: 'bytes-be' },
    { component: 'seed', encoding: 'hex', partial: true },
    // The form from which JavaScript parses a big integer.
    { component: 'clamped seed', encoding: 'hex' },
  ])('as %o tells nothing', (place) => {
    expect(decided('X25519', place)).toEqual(['low', 'below-threshold', 0]);
    expect(decided('X25519', place, true)).toEqual(['info', 'ephemeral', 0]);
  });
});
