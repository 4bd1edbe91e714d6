import type { Finding, ScanEvent } from '../../src/core/model/report.js';
import { artifact, finding, run, summary } from './events.js';

/** Scans with many findings, as a generator of fixed seed makes them. */

/** Numbers below 2^24 (Numerical Recipes, 7.1: a linear congruential generator). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The low bits repeat soon.
    return state >>> 8;
  };
}

function keyOf(
  number: number,
  places: readonly { artifact: number; offset: number }[],
  path: string,
): Finding {
  const digest = number.toString(16).padStart(8, '0').repeat(8);
  const occurrences = places.map((place) => ({
    ...place,
    length: 227,
    encoding: 'pem',
    region: { kind: 'unknown' as const },
  }));
  return finding({
    ruleId: 'private-key-pem',
    kind: 'private-key',
    title: 'EC private key',
    signing: true,
    severity: 'critical',
    confidence: 'proven',
    proof: ['d*G = Q'],
    impact: "signs, decrypts or signs in as the key's owner, for as long as its public half is trusted",
    rotate: 'make a new key pair, replace certificates and trusted public keys, then revoke the old ones',
    location: { path, offset: places[0]!.offset, length: 227, region: { kind: 'unknown' } },
    occurrences,
    occurrenceCount: occurrences.length,
    key: { algorithm: 'EC', bits: 256, curve: 'P-256', encoding: 'pem', spkiSha256: digest },
    fingerprint: `v1:${digest}`,
    preview: '',
  });
}

const pathOf = (file: number): string => `many/dump-${String(file).padStart(2, '0')}.bin`;

/** Files with `each` keys, of which there are `distinct`: further ones are copies in another file. */
export function manyKeys(files: number, each: number, distinct: number): ScanEvent[] {
  const next = randomNumbers(files * 1_000 + each);
  const places = new Map<number, { artifact: number; offset: number }[]>();
  for (let file = 0; file < files; file++)
    for (let i = 0; i < each; i++) {
      const key = files === 1 ? i : next() % distinct;
      const known = places.get(key) ?? [];
      known.push({ artifact: file, offset: 4_096 + i * 6_400 + (next() % 4_096) });
      places.set(key, known);
    }
  const artifacts = Array.from({ length: files }, (_, file) =>
    artifact({
      path: pathOf(file),
      format: 'raw',
      size: 295_874,
      process: {},
      coverage: { file: { bytes: 295_874, unread: [] }, limits: [] },
    }),
  );
  const findings = [...places].map(([key, all]) =>
    keyOf(Math.imul(key + 1, 0x9e37_79b1) >>> 0, all, pathOf(all[0]!.artifact)),
  );
  return [
    run(),
    ...artifacts,
    ...findings.map((one) => ({ ...one, type: 'finding' as const })),
    summary({ bySeverity: { critical: findings.length }, notCounted: {}, artifacts: files, seconds: 10.3 }),
  ];
}
