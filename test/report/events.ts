import type {
  ArtifactReport,
  Finding,
  FindReport,
  Occurrence,
  RunFacts,
  ScanEvent,
  Summary,
} from '../../src/core/model/report.js';

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
        notes: ['truncated: its END line is missing'],
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
          signed: true,
          form: 'certificate',
        },
      ],
      keyIds: ['signing-2026'],
      accounts: ['deploy@example.com'],
      tokens: [
        {
          artifact: 0,
          offset: 700_000,
          issuer: 'https://issuer.example',
          subject: 'user-1',
          expires: '2030-03-17T17:46:40.000Z',
        },
      ],
      tokenCount: 3,
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
