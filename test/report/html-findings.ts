import { createHash } from 'node:crypto';
import type { EntropyFacts, RegionFacts, ScanEvent } from '../../src/core/model/report.js';
import { reporters } from '../../src/report/reporters.js';
import { artifact, keyFinding, run, summary } from './events.js';

const MIB = 2 ** 20;
const HEAP = 0x5555_5000_0000n;
/** Bytes of the made-up dump. */
const SIZE = 640 * MIB;

/** Regions of a process whose heap is mostly zeros, and lacks its end. */
const REGIONS: RegionFacts[] = [
  { kind: 'header', offset: 0, length: 4096, present: 4096 },
  ...Array.from({ length: 80 }, (_, i): RegionFacts => {
    const place = { offset: 4096 * (1 + 64 * i), length: 4096 * 64, present: 4096 * 64 };
    const address = `0x${(0x7f00_0000_0000 + 4096 * 80 * i).toString(16)}`;
    return { kind: 'module', name: `/usr/lib/lib${i}.so`, address, ...place };
  }),
  {
    ...{ kind: 'heap', address: `0x${HEAP.toString(16)}`, offset: 32 * MIB, length: 640 * MIB },
    ...{ present: 600 * MIB, addressSpace: { kind: 'process', pid: 4242 } },
  },
  {
    kind: 'stack',
    thread: 4242,
    address: '0x7ffd00000000',
    offset: 632 * MIB,
    length: 8 * MIB,
    present: 8 * MIB,
  },
];

/** One value each MiB; of the heap one in twelve is not zero. */
const ENTROPY: EntropyFacts = {
  page: 4096,
  step: MIB,
  values: Array.from({ length: 640 }, (_, i) => (i < 32 || i > 631 ? 5.5 : i % 97 < 8 ? 6.25 : 0)),
};

const SEVERITIES = ['critical', 'high', 'medium'] as const;

/** Events of a scan with a number of findings, each of another key, in a large heap. */
export function* manyFindings(count: number): Generator<ScanEvent> {
  yield run();
  yield artifact({ size: SIZE, regions: REGIONS, entropy: ENTROPY });
  for (let i = 0; i < count; i++) {
    const offset = 32 * MIB + ((i * 6007) % (7 * MIB)) + 97 * MIB * (i % 6);
    const address = `0x${(HEAP + BigInt(offset - 32 * MIB)).toString(16)}`;
    const place = { offset, length: 32, address, region: { kind: 'heap' as const } };
    const { key, ...finding } = keyFinding();
    const digest = createHash('sha256').update(String(i)).digest('hex');
    yield {
      ...finding,
      severity: SEVERITIES[i % 3]!,
      title: i % 5 === 0 ? 'EC P-256 private key' : 'RSA 2048 private key',
      location: { path: 'dumps/core.4242', ...place },
      occurrences: [{ artifact: 0, encoding: 'limbs-le', component: 'd', ...place }],
      occurrenceCount: 1,
      fingerprint: `v1:${digest}`,
      ...(key && { key: { ...key, spkiSha256: digest } }),
    };
  }
  yield summary({ bySeverity: count === 0 ? {} : { critical: count }, complete: true });
}

/** The HTML report of these events, in the parts in which it is written. */
export function htmlParts(events: Iterable<ScanEvent>): string[] {
  const parts: string[] = [];
  const reporter = reporters.html((text) => parts.push(text), { color: false });
  for (const event of events) reporter.event(event);
  reporter.end();
  return parts;
}
