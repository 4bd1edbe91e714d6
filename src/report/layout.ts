import type {
  ArtifactReport,
  Finding,
  FindReport,
  RunFacts,
  ScanEvent,
  Summary,
} from '../core/model/report.js';

/** Order of the fields of a structure, and the layouts of fields that are structures or lists of them. */
interface Layout {
  fields: readonly string[];
  inside: Readonly<Record<string, Layout>>;
}

/** `fields`: names separated by spaces. */
const struct = (fields: string, inside: Layout['inside'] = {}): Layout => ({
  fields: fields.split(' '),
  inside,
});

const extent = struct('offset length');
const region = struct('kind name thread');
const notice = struct('code message hint offset length');

const coverage = struct('file memory limits', {
  file: struct('bytes unread', { unread: struct('offset length reason') }),
  memory: struct('described present missing', { missing: struct('address length reason') }),
  limits: struct('offset length search target left likely deep accepted reason'),
});

const addressSpace = struct('kind id pid');

const artifact = struct('path format size mtime sha256 verdict process coverage warnings regions entropy', {
  coverage,
  warnings: notice,
  regions: struct('kind name thread address offset length present addressSpace', { addressSpace }),
  entropy: struct('page step values'),
});

const occurrence = struct(
  'artifact offset length address component encoding wide partial extents ' +
    'notAdjacentInMemory addressSpace region owner notes',
  { extents: extent, addressSpace, region, owner: struct('kind name of') },
);

const key = struct(
  'algorithm bits curve encoding spki spkiSha256 jwkThumbprint sshFingerprint certificates keyIds accounts ' +
    'tokens tokenCount',
  {
    certificates: struct('subject san issuer serial notAfter offset signed form'),
    tokens: struct('artifact offset issuer subject expires'),
  },
);

const finding = struct(
  'ruleId alsoMatched kind title signing severity confidence counts reason proof notes impact rotate ' +
    'location occurrences occurrenceCount key claims fingerprint preview',
  { location: struct('path offset length address region', { region }), occurrences: occurrence, key },
);

const find = struct('name alsoNamed askedBy spkiSha256 sshFingerprint results', {
  results: struct('artifact status forms complete occurrenceCount occurrences', { occurrences: occurrence }),
});

const run = struct('schemaVersion tool startedAt options', {
  tool: struct('name version rules', { rules: struct('count sha256') }),
});

const summary = struct(
  'verdict complete bytesScanned seconds artifacts bySeverity notCounted exit warnings',
  { warnings: notice },
);

/** Documented order of fields by event (docs/report.md). Other fields follow. */
const LAYOUTS: Record<ScanEvent['type'], Layout> = { run, artifact, finding, find, summary };

function arrange(value: unknown, layout: Layout | undefined): unknown {
  if (layout === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => arrange(each, layout));
  const given = value as Record<string, unknown>;
  const arranged: Record<string, unknown> = {};
  for (const name of layout.fields)
    if (given[name] !== undefined) arranged[name] = arrange(given[name], layout.inside[name]);
  for (const name of Object.keys(given)) if (!layout.fields.includes(name)) arranged[name] = given[name];
  return arranged;
}

interface Bodies {
  run: RunFacts;
  artifact: ArtifactReport;
  finding: Finding;
  find: FindReport;
  summary: Summary;
}

/** An event without its `type`, its fields in the documented order. */
export function bodyOf<T extends ScanEvent['type']>(event: Extract<ScanEvent, { type: T }>): Bodies[T] {
  const { type, ...body } = event;
  return arrange(body, LAYOUTS[type]) as Bodies[T];
}
