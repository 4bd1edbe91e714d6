import type { ScanEvent } from '../../src/core/model/report.js';
import { artifact, find, finding, keyFinding, notCounted, run, summary } from './events.js';

/** Runs of every kind, for the golden files and the schema. */
export const RUNS: Readonly<Record<string, readonly ScanEvent[]>> = {
  findings: [
    run(),
    artifact(),
    artifact({ path: "it's odd.core.zst", format: 'zstd', size: 1_024, process: {} }),
    artifact({
      path: "it's odd.core.zst!core",
      format: 'raw',
      size: 4_096,
      process: {},
      regions: [
        { kind: 'header', offset: 0, length: 64, present: 64 },
        {
          ...{ kind: 'stack', name: 'main', thread: 7, address: '0x7ffd00000000' },
          ...{ offset: 64, length: 8_128, present: 4_032, addressSpace: { kind: 'process', pid: 4_242 } },
        },
      ],
      entropy: { page: 4_096, step: 4_096, values: [5.25, null] },
      warnings: [
        {
          code: 'format-not-parsed',
          message: 'the format mdmp has no reader yet: addresses and regions are not known',
          hint: 'its bytes were searched as they are',
        },
      ],
      coverage: {
        file: { bytes: 4_096, unread: [] },
        memory: {
          described: 8_192,
          present: 4_096,
          missing: [{ address: '0x1000', length: 4_096, reason: 'the file ends before the segment' }],
        },
        limits: [
          {
            ...{ offset: 64, length: 512, search: 'rsa-known-n d', target: 'asked', left: 40, deep: true },
            reason:
              "40 numbers were not tried: the search's budget was spent, so the private half of a --find " +
              'target (RSA) could be missed; ' +
              '--effort deep does it (about 3 min of processor time for all limits of this file)',
          },
          {
            ...{ offset: 0, length: 4_096, search: 'findings', target: 'blind', left: 7 },
            reason:
              '7 further matches of rule x, so a further finding of that rule could be missed; ' +
              '--effort deep does not lift this limit: scan with --only for that rule alone',
          },
          {
            ...{ offset: 8, length: 8, search: 'ec-scalars', target: 'written', left: 9, likely: 2 },
            ...{ deep: true, accepted: true },
            reason:
              '9 numbers were not tried, so the private half of a public key or certificate in the file ' +
              '(P-256) could be missed; ' +
              '--effort deep does it (about 3 min of processor time for all limits of this file)',
          },
        ],
      },
    }),
    keyFinding({}, 2),
    finding(),
    finding({
      location: { path: "it's odd.core.zst!core", offset: 77, length: 40, region: { kind: 'gap' } },
      occurrences: [{ artifact: 2, offset: 77, length: 40, region: { kind: 'gap' } }],
      severity: 'high',
      title:
        'Token with a title that is so long that it does not fit on one line with its confidence beside it',
      fingerprint: null,
    }),
    notCounted('published-test-key', { title: 'Ed25519 private key', confidence: 'proven' }),
    notCounted('expired', { title: 'JSON Web Token' }),
    notCounted('below-threshold', { title: 'JSON Web Token', severity: 'low' }),
    notCounted('below-threshold', { title: 'JSON Web Token', severity: 'low' }),
    summary(),
  ],
  find: [
    run(),
    artifact(),
    artifact({
      path: 'dumps/cut',
      format: 'raw',
      size: 4_096,
      coverage: {
        file: { bytes: 4_096, unread: [{ offset: 4_000, length: 96, reason: 'EIO' }] },
        limits: [],
      },
      verdict: 'incomplete',
    }),
    keyFinding(),
    notCounted('policy', { severity: 'high' }),
    find({
      name: '.env: API_KEY',
      alsoNamed: ['OLD_<KEY>'],
      askedBy: 'value',
      results: [
        { artifact: 0, status: 'absent', forms: [], complete: true },
        { artifact: 1, status: 'absent', forms: [], complete: false },
      ],
    }),
    find(),
    find({
      name: 'ca <old>.crt',
      askedBy: 'public-key',
      results: [
        {
          artifact: 0,
          status: 'public-only',
          forms: ['certificate', 'n limbs-le'],
          complete: true,
          occurrenceCount: 1,
          occurrences: [
            {
              artifact: 0,
              offset: 500_000,
              length: 900,
              encoding: 'certificate',
              region: { kind: 'module', name: '/usr/lib/libssl.so.3+0x1f000' },
            },
          ],
        },
        { artifact: 1, status: 'absent', forms: [], complete: false },
      ],
    }),
    summary({ complete: false, bySeverity: { critical: 1, high: 1 }, notCounted: { policy: 1 } }),
  ],
  nothing: [
    run(),
    artifact({ verdict: 'nothing-found' }),
    summary({
      verdict: 'nothing-found',
      bytesScanned: 1_048_576,
      artifacts: 1,
      bySeverity: {},
      notCounted: {},
      exit: 0,
    }),
  ],
  incomplete: [
    run(),
    artifact({
      verdict: 'incomplete',
      sha256: 'ef'.repeat(32),
      coverage: {
        file: {
          bytes: 1_048_576,
          unread: [
            { offset: 4_096, length: 512, reason: 'EIO: the device could not be read' },
            { offset: 9_999, length: null, reason: 'the zstd frame is damaged' },
          ],
        },
        limits: [],
      },
      warnings: [
        {
          code: 'zstd-damaged',
          message: 'frame 2 does not decode',
          hint: 'copy the file again',
          offset: 9_999,
        },
      ],
    }),
    summary({
      verdict: 'incomplete',
      complete: false,
      artifacts: 1,
      bySeverity: {},
      notCounted: {},
      exit: 2,
      warnings: [{ code: 'path-missing', message: 'dumps/gone does not exist', hint: 'check the path' }],
    }),
  ],
  aborted: [run(), artifact(), finding()],
  empty: [],
};
