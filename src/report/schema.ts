import { z } from 'zod';
import { LIMIT_TARGETS } from '../core/limits/limit.js';
import { CONFIDENCES, KINDS, SEVERITIES } from '../core/model/report.js';

/**
 * The JSON report and the ndjson events as JSON Schema 2020-12. `closed` describes what this version writes,
 * `open` what a reader should accept: enumerations may grow without a new schemaVersion, types of fields do
 * not change. Loads zod: imported at build time, in tests and for saved reports.
 */
export type Strictness = 'open' | 'closed';

const count = z.int().min(0);
const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const address = z.string().regex(/^0x[0-9a-f]+$/);
const time = z.iso.datetime();

/** A value that reporters look up in tables of words: no name that every object has. */
const word = z.string().refine((text) => !(text in Object.prototype));

const extent = z.strictObject({ offset: count, length: count });
const claims = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]));

const notice = z.strictObject({
  code: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  message: z.string(),
  hint: z.string().optional(),
  offset: count.optional(),
  length: count.optional(),
});

const certificate = z.strictObject({
  subject: z.string(),
  san: z.array(z.string()),
  issuer: z.string(),
  serial: z.string(),
  notAfter: z.string(),
  offset: count,
  signed: z.boolean(),
  form: word,
});

const token = z.strictObject({
  artifact: count,
  offset: count,
  issuer: z.string().optional(),
  subject: z.string().optional(),
  expires: time.optional(),
});

const key = z.strictObject({
  algorithm: word,
  bits: z.int().positive().optional(),
  curve: z.string().optional(),
  encoding: word,
  spki: z.base64().optional(),
  spkiSha256: hex64.optional(),
  jwkThumbprint: z.base64url().optional(),
  sshFingerprint: z.string().startsWith('SHA256:').optional(),
  certificates: z.array(certificate).optional(),
  keyIds: z.array(z.string()).optional(),
  accounts: z.array(z.string()).optional(),
  tokens: z.array(token).optional(),
  tokenCount: z.int().positive().optional(),
});

/** What was read and searched; also in manifests of copies. */
export const coverage = z.strictObject({
  file: z.strictObject({
    bytes: count,
    unread: z.array(z.strictObject({ offset: count, length: count.nullable(), reason: z.string() })),
  }),
  memory: z
    .strictObject({
      described: count,
      present: count,
      missing: z.array(z.strictObject({ address, length: count, reason: z.string() })),
    })
    .optional(),
  limits: z.array(
    extent.extend({
      search: word,
      reason: z.string(),
      target: z.enum(LIMIT_TARGETS),
      left: count,
      likely: count.optional(),
      deep: z.literal(true).optional(),
      // Seconds, in reports before 0.2.
      estimate: z.number().nonnegative().optional(),
      accepted: z.literal(true).optional(),
    }),
  ),
});

const processFacts = z.strictObject({
  pid: z.int().optional(),
  running: z.literal(true).optional(),
  name: z.string().optional(),
  command: z.string().optional(),
  executable: z.string().optional(),
  signal: z.int().optional(),
  signalName: z.string().optional(),
  threads: count.optional(),
  threadNames: z.array(z.string()).optional(),
  dumpedAt: z.string().optional(),
  machine: z.string().optional(),
  bits: z.union([z.literal(32), z.literal(64)]).optional(),
  endian: z.enum(['le', 'be']).optional(),
  modules: z
    .array(z.strictObject({ path: z.string(), address: z.string(), buildId: z.string().optional() }))
    .optional(),
});

const run = {
  schemaVersion: z.literal(1),
  tool: z.strictObject({
    name: z.literal('dumpsieve'),
    version: z.string(),
    rules: z.strictObject({ count, sha256: hex64 }),
  }),
  startedAt: time,
  options: z.record(z.string(), z.unknown()),
};

const VERDICTS = ['nothing-found', 'findings', 'incomplete'];
const REASONS =
  'below-threshold published-test-key ephemeral expired unlikely-key baseline allowed undumped policy'.split(
    ' ',
  );
const STATUSES = ['present', 'public-only', 'absent'];
const ASKED_BY = ['private-key', 'public-key', 'digest', 'ssh-fingerprint', 'value'];
const REGION_KINDS =
  'heap stack module environment argv object page note register header gap mapping undumped unknown'.split(
    ' ',
  );

const OWNER_KINDS = ['field', 'static', 'key', 'property', 'variable', 'class'];

function shapes(strictness: Strictness) {
  const known = (values: readonly string[]) =>
    strictness === 'closed' ? z.enum(values) : z.union([z.enum(values), word]);
  const tallied = (names: readonly string[]) =>
    strictness === 'closed' ? z.partialRecord(z.enum(names), count) : z.record(word, count);

  const region = z.strictObject({
    kind: known(REGION_KINDS),
    name: z.string().optional(),
    thread: z.int().optional(),
  });
  const addressSpace = z.strictObject({
    kind: known(['process', 'kernel', 'physical']),
    id: z.string().optional(),
    pid: z.int().optional(),
  });
  const occurrence = extent.safeExtend({
    artifact: count,
    address: address.optional(),
    component: word.optional(),
    encoding: word.optional(),
    wide: known(['le', 'be']).optional(),
    partial: z.boolean().optional(),
    extents: z.array(extent).optional(),
    notAdjacentInMemory: z.boolean().optional(),
    addressSpace: addressSpace.optional(),
    region,
    owner: z.strictObject({ kind: known(OWNER_KINDS), name: z.string(), of: z.string() }).optional(),
    notes: z.array(z.string()).optional(),
  });
  const finding = {
    ruleId: z.string(),
    alsoMatched: z.array(z.string()),
    kind: known(KINDS),
    title: z.string(),
    signing: z.boolean(),
    severity: known(SEVERITIES),
    confidence: known(CONFIDENCES),
    counts: z.boolean(),
    reason: known(REASONS).optional(),
    proof: z.array(z.string()),
    notes: z.array(z.string()),
    impact: z.string(),
    rotate: z.string(),
    location: extent.safeExtend({ path: z.string(), address: address.optional(), region }),
    occurrences: z.array(occurrence).min(1),
    occurrenceCount: z.int().min(1),
    key: key.optional(),
    claims: claims.optional(),
    fingerprint: z
      .string()
      .regex(/^v1:[0-9a-f]{64}$/)
      .nullable(),
    preview: z.string(),
  };
  const artifact = {
    path: z.string(),
    format: word,
    size: count,
    mtime: time.optional(),
    sha256: hex64.optional(),
    verdict: known(VERDICTS),
    process: processFacts.optional(),
    coverage,
    warnings: z.array(notice),
    regions: z
      .array(
        region.extend({
          ...extent.shape,
          address: address.optional(),
          present: count,
          addressSpace: addressSpace.optional(),
        }),
      )
      .max(4096)
      .optional(),
    entropy: z
      .strictObject({
        page: count,
        step: count,
        values: z.array(z.number().min(0).max(8).nullable()).max(2048),
      })
      .optional(),
  };
  const find = {
    name: z.string(),
    alsoNamed: z.array(z.string()).optional(),
    askedBy: known(ASKED_BY),
    spkiSha256: hex64.optional(),
    sshFingerprint: z.string().startsWith('SHA256:').optional(),
    results: z.array(
      z.strictObject({
        artifact: count,
        status: known(STATUSES),
        forms: z.array(z.string()),
        complete: z.boolean(),
        occurrenceCount: count.optional(),
        occurrences: z.array(occurrence).max(100).optional(),
      }),
    ),
  };
  const outcome = { verdict: known(VERDICTS), complete: z.boolean() };
  const totals = {
    bytesScanned: count,
    seconds: z.number().min(0),
    artifacts: count,
    bySeverity: tallied(SEVERITIES),
    notCounted: tallied(REASONS),
    exit: z.union([z.literal(0), z.literal(1), z.literal(2)]),
    warnings: z.array(notice),
  };
  return { run, artifact, finding, find, outcome, totals };
}

/** The whole document. After an abort, seconds and exit status are missing from the summary. */
function reportShape(strictness: Strictness) {
  const { artifact, finding, find, outcome, totals } = shapes(strictness);
  const { seconds, artifacts, exit, warnings } = totals;
  return z.strictObject({
    ...run,
    ...outcome,
    artifacts: z.array(z.strictObject(artifact)),
    findings: z.array(z.strictObject(finding)),
    find: z.array(z.strictObject(find)),
    summary: z.strictObject({
      ...totals,
      seconds: seconds.optional(),
      artifacts: artifacts.optional(),
      exit: exit.optional(),
      warnings: warnings.optional(),
    }),
  });
}

/** One line of ndjson. */
export function eventShape(strictness: Strictness) {
  const { artifact, finding, find, outcome, totals } = shapes(strictness);
  return z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('run'), ...run }),
    z.strictObject({ type: z.literal('artifact'), ...artifact }),
    z.strictObject({ type: z.literal('finding'), ...finding }),
    z.strictObject({ type: z.literal('find'), ...find }),
    z.strictObject({ type: z.literal('summary'), ...outcome, ...totals }),
  ]);
}

/** What `report --since` writes as JSON. */
function changesShape(strictness: Strictness) {
  const { finding } = shapes(strictness);
  const places = z.array(z.string());
  const list = z.array(z.strictObject({ was: places, is: places, finding: z.strictObject(finding) }));
  const totals = { new: count, failing: count, moved: count, gone: count };
  const exit = z.union([z.literal(0), z.literal(1), z.literal(2)]).optional();
  const { options: _, ...facts } = run;
  return z.strictObject({
    ...facts,
    ...{ new: list, failing: list, moved: list, gone: list },
    summary: z.strictObject({ ...totals, complete: z.boolean(), exit }),
  });
}

/** JSON Schema 2020-12 of the report; `$defs.event` is one line of ndjson, `$defs.changes` a comparison. */
export function reportSchema(strictness: Strictness): Record<string, unknown> {
  const { $schema, ...report } = z.toJSONSchema(reportShape(strictness), { target: 'draft-2020-12' });
  const { $schema: _, ...event } = z.toJSONSchema(eventShape(strictness), { target: 'draft-2020-12' });
  const { $schema: __, ...changes } = z.toJSONSchema(changesShape(strictness), { target: 'draft-2020-12' });
  return {
    $schema,
    title: 'dumpsieve report',
    description: [
      'What dumpsieve scan --format json writes; $defs.event is one line of --format ndjson,',
      '$defs.changes what report --since --format json writes.',
      'Readers accept unknown values of enumerations.',
    ].join(' '),
    ...report,
    $defs: { event, changes },
  };
}
