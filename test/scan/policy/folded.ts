import { atOnce } from '../../../src/core/base/runtime/turns.js';
import type { Finding } from '../../../src/core/model/report.js';
import type { Judged } from '../../../src/prove/judge/judged.js';
import { Fold } from '../../../src/scan/policy/fold.js';
import { judged, proven, rule } from '../../prove/judge/judged-builder.js';
import { addJudged } from './add-judged.js';

/** Time of modification of all artifacts. */
export const WRITTEN = new Date('2026-03-01T00:00:00Z');

/** The findings of three artifacts in which all candidates are. */
export function folded(
  all: readonly Judged[],
  options: ConstructorParameters<typeof Fold>[0] = {},
): Finding[] {
  const fold = new Fold(options);
  for (const artifact of [0, 1, 2]) fold.artifact(artifact, { path: `core.${artifact}`, mtime: WRITTEN });
  for (const each of all) addJudged(fold, each);
  return [...atOnce(fold.findings())];
}

const keyRule = rule({ id: 'rsa-private-key', name: 'RSA private key', kind: 'private-key', signing: true });

/** A proven RSA key. */
export const provenKey = (
  secret: string,
  over: Partial<Judged['candidate']> = {},
  more: Partial<Judged> = {},
): Judged => judged(secret, { rule: keyRule, preview: '', ...over }, { proof: proven(), ...more });
