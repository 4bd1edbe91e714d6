import type {
  ArtifactReport,
  Finding,
  FindReport,
  Format,
  Occurrence,
  RunFacts,
  ScanEvent,
  Summary,
} from '../../src/model/report.js';
import { reporters } from '../../src/report/reporters.js';

type Of<T extends ScanEvent['type']> = Extract<ScanEvent, { type: T }>;

export const run = (over: Partial<RunFacts> = {}): Of<'run'> => ({
  type: 'run',
  schemaVersion: 1,
  tool: { name: 'dumpsieve', version: '0.1.0', rules: { count: 43, sha256: 'ab'.repeat(32) } },
  startedAt: '2026-03-01T00:00:00.000Z',
  options: { failOn: 'high' },
  ...over,
});

export const artifact = (over: Partial<ArtifactReport> = {}): Of<'artifact'> => ({
  type: 'artifact',
  path: 'dumps/core.4242',
  format: 'elf-core',
  size: 1_048_576,
  mtime: '2026-02-28T23:00:00.000Z',
  verdict: 'findings',
  process: { pid: 4242, name: 'api', command: 'node server.js', signal: 6, signalName: 'SIGABRT' },
  coverage: { file: { bytes: 1_048_576, unread: [] }, limits: [] },
  warnings: [],
  ...over,
});

export const finding = (over: Partial<Finding> = {}): Of<'finding'> => ({
  type: 'finding',
  ruleId: 'example-token',
  alsoMatched: [],
  kind: 'token',
  title: 'Example token',
  signing: false,
  severity: 'high',
  confidence: 'high',
  counts: true,
  proof: ['CRC-32 checksum matches'],
  notes: [],
  impact: 'acts as the user or app on its repositories',
  rotate: 'revoke under Settings, Developer settings, Tokens',
  location: {
    path: 'dumps/core.4242',
    offset: 4096,
    length: 40,
    address: '0x7f0000001000',
    region: { kind: 'heap' },
  },
  occurrences: [
    { artifact: 0, offset: 4096, length: 40, address: '0x7f0000001000', region: { kind: 'heap' } },
  ],
  occurrenceCount: 1,
  fingerprint: `v1:${'12'.repeat(32)}`,
  preview: 'exa_… (40)',
  ...over,
});

/** A proven key with all members of a finding. */
export const keyFinding = (over: Partial<Finding> = {}, elsewhere = 1): Of<'finding'> =>
  finding({
    ruleId: 'rsa-private-key',
    alsoMatched: ['pem-private-key'],
    kind: 'private-key',
    title: 'RSA private key',
    signing: true,
    severity: 'critical',
    confidence: 'proven',
    proof: ['n = p*q', 'e*d = 1 mod lcm(p-1, q-1)', 'verifies the JWT at 0x7f0000002000'],
    impact:
      'signing as the owner of its certificates, ' +
      'and decryption of recorded sessions that used RSA key exchange',
    rotate:
      'issue a new key and certificate, revoke the old certificate, then remove the key from every host',
    location: {
      path: 'dumps/core.4242',
      offset: 65_536,
      length: 1_704,
      address: '0x7f0000010000',
      region: { kind: 'stack', thread: 4243 },
    },
    occurrences: [
      {
        artifact: 0,
        offset: 65_536,
        length: 1_704,
        address: '0x7f0000010000',
        encoding: 'pem',
        addressSpace: { kind: 'process', pid: 4242 },
        region: { kind: 'stack', thread: 4243 },
      },
      {
        artifact: 0,
        offset: 70_000,
        length: 3_408,
        encoding: 'pem',
        wide: 'le',
        partial: true,
        region: { kind: 'environment', name: 'TLS_KEY' },
      },
      {
        artifact: elsewhere,
        offset: 128,
        length: 1_218,
        address: '0x5000',
        encoding: 'pkcs8',
        extents: [
          { offset: 128, length: 1_000 },
          { offset: 9_000, length: 218 },
        ],
        notAdjacentInMemory: true,
        region: { kind: 'module', name: '/usr/lib/libssl.so.3+0x1f000' },
      },
      {
        artifact: elsewhere,
        offset: 20_000,
        length: 128,
        component: 'p',
        encoding: 'limbs-le',
        region: { kind: 'mapping', name: '/memfd:secret' },
      },
      {
        artifact: elsewhere,
        offset: 30_000,
        length: 128,
        component: 'q',
        encoding: 'limbs-le',
        region: { kind: 'unknown' },
      },
    ],
    occurrenceCount: 1_205,
    key: {
      algorithm: 'RSA',
      bits: 2048,
      encoding: 'pem',
      spki: 'MAMBAgM=',
      spkiSha256: 'cd'.repeat(32),
      jwkThumbprint: 'A'.repeat(43),
      sshFingerprint: `SHA256:${'B'.repeat(43)}`,
      certificates: [
        {
          subject: 'CN=api.example.com',
          san: ['api.example.com', '*.example.com'],
          issuer: 'CN=Example CA',
          serial: '0a1b',
          notAfter: '2027-01-01T00:00:00Z',
          offset: 500_000,
        },
      ],
    },
    claims: { iss: 'https://issuer.example', aud: ['a', 'b'], exp: 1_900_000_000 },
    notes: ['also found in the environment'],
    preview: '',
    ...over,
  });

export const notCounted = (
  reason: NonNullable<Finding['reason']>,
  over: Partial<Finding> = {},
): Of<'finding'> => finding({ counts: false, reason, severity: 'info', ...over });

export const summary = (over: Partial<Summary> = {}): Of<'summary'> => ({
  type: 'summary',
  verdict: 'findings',
  complete: true,
  bytesScanned: 1_052_672,
  seconds: 0.42,
  artifacts: 2,
  bySeverity: { critical: 1, high: 1, info: 2 },
  notCounted: { 'published-test-key': 1, expired: 1 },
  exit: 1,
  warnings: [],
  ...over,
});

export const find = (over: Partial<FindReport> = {}): Of<'find'> => ({
  type: 'find',
  name: 'prod-signing.pem',
  askedBy: 'private-key',
  spkiSha256: 'cd'.repeat(32),
  results: [
    {
      artifact: 0,
      status: 'present',
      forms: ['p limbs-le', 'pem'],
      complete: true,
      occurrenceCount: 2,
      occurrences: [
        {
          artifact: 0,
          offset: 65_536,
          length: 1_704,
          encoding: 'pem',
          region: { kind: 'stack', thread: 4243 },
        },
        {
          artifact: 0,
          offset: 20_000,
          length: 128,
          component: 'p',
          encoding: 'limbs-le',
          region: { kind: 'heap' },
        },
      ],
    },
    { artifact: 1, status: 'absent', forms: [], complete: false },
  ],
  ...over,
});

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
            ...{ offset: 64, length: 512, search: 'rsa-known-n d', target: 'asked', left: 40, estimate: 200 },
            reason:
              "40 numbers were not tried: the search's budget was spent, so the private half of a --find " +
              'target (RSA) could be missed; --effort deep does it in about 3 min',
          },
          {
            ...{ offset: 0, length: 4_096, search: 'findings', target: 'blind', left: 7 },
            reason:
              '7 further matches of rule x, so a further finding of that rule could be missed; ' +
              '--effort deep does not lift this limit: scan with --only for that rule alone',
          },
          {
            ...{ offset: 8, length: 8, search: 'ec-scalars', target: 'written', left: 9, likely: 2 },
            ...{ estimate: 0.1, accepted: true },
            reason:
              '9 numbers were not tried, so the private half of a public key or certificate in the file ' +
              '(P-256) could be missed; --effort deep does it in under 1 s',
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

/** Output of a reporter for these events. */
export function render(
  format: string,
  events: readonly ScanEvent[],
  options: { color?: boolean; width?: number } = {},
): string {
  const parts: string[] = [];
  const factory = reporters[format as Format];
  if (!factory) throw new Error(`no reporter ${format}`);
  const reporter = factory((text) => parts.push(text), { color: false, ...options });
  for (const event of events) reporter.event(event);
  reporter.end();
  return parts.join('');
}

/** An occurrence of 40 bytes in a heap, at this file offset. */
export const place = (
  offset: number,
  address = `0x${(offset + 0x7f00_0000_0000).toString(16)}`,
): Occurrence => ({
  artifact: 0,
  offset,
  length: 40,
  address,
  region: { kind: 'heap' },
});
