import type { ArtifactReport, Finding, FindReport, RunFacts, ScanEvent, Summary } from '../model/report.js';

/** Order of the fields of a structure, and the layouts of fields that are structures or lists of them. */
interface Layout {
  fields: readonly string[];
  inside?: Readonly<Record<string, Layout>>;
}

const flat = (...fields: string[]): Layout => ({ fields });

const extent = flat('offset', 'length');
const region = flat('kind', 'name', 'thread');
const notice = flat('code', 'message', 'hint', 'offset', 'length');

const coverage: Layout = {
  fields: ['file', 'memory', 'limits'],
  inside: {
    file: { fields: ['bytes', 'unread'], inside: { unread: flat('offset', 'length', 'reason') } },
    memory: {
      fields: ['described', 'present', 'missing'],
      inside: { missing: flat('address', 'length', 'reason') },
    },
    limits: flat('offset', 'length', 'search', 'reason'),
  },
};

const artifact: Layout = {
  fields: ['path', 'format', 'size', 'mtime', 'sha256', 'verdict', 'process', 'coverage', 'warnings'],
  inside: { coverage, warnings: notice },
};

const occurrence: Layout = {
  fields: [
    'artifact',
    'offset',
    'length',
    'address',
    'component',
    'encoding',
    'wide',
    'partial',
    'extents',
    'notAdjacentInMemory',
    'addressSpace',
    'region',
  ],
  inside: { extents: extent, addressSpace: flat('kind', 'id', 'pid'), region },
};

const key: Layout = {
  fields: [
    'algorithm',
    'bits',
    'curve',
    'encoding',
    'spki',
    'spkiSha256',
    'jwkThumbprint',
    'sshFingerprint',
    'certificates',
  ],
  inside: { certificates: flat('subject', 'san', 'issuer', 'serial', 'notAfter', 'offset') },
};

const finding: Layout = {
  fields: [
    'ruleId',
    'alsoMatched',
    'kind',
    'title',
    'signing',
    'severity',
    'confidence',
    'counts',
    'reason',
    'proof',
    'notes',
    'impact',
    'rotate',
    'location',
    'occurrences',
    'occurrenceCount',
    'key',
    'claims',
    'fingerprint',
    'preview',
  ],
  inside: {
    location: { fields: ['path', 'offset', 'length', 'address', 'region'], inside: { region } },
    occurrences: occurrence,
    key,
  },
};

const find: Layout = {
  fields: ['name', 'askedBy', 'spkiSha256', 'sshFingerprint', 'results'],
  inside: {
    results: {
      fields: ['artifact', 'status', 'forms', 'complete', 'occurrenceCount', 'occurrences'],
      inside: { occurrences: occurrence },
    },
  },
};

const run: Layout = {
  fields: ['schemaVersion', 'tool', 'startedAt', 'options'],
  inside: { tool: { fields: ['name', 'version', 'rules'], inside: { rules: flat('count', 'sha256') } } },
};

const summary: Layout = {
  fields: [
    'verdict',
    'complete',
    'bytesScanned',
    'seconds',
    'artifacts',
    'bySeverity',
    'notCounted',
    'exit',
    'warnings',
  ],
  inside: { warnings: notice },
};

/** Documented order of fields by event (docs/report.md). Other fields follow. */
const LAYOUTS: Record<ScanEvent['type'], Layout> = { run, artifact, finding, find, summary };

function arrange(value: unknown, layout: Layout | undefined): unknown {
  if (layout === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => arrange(each, layout));
  const given = value as Record<string, unknown>;
  const others = Object.keys(given).filter((name) => !layout.fields.includes(name));
  const names = [...layout.fields.filter((name) => given[name] !== undefined), ...others];
  return Object.fromEntries(names.map((name) => [name, arrange(given[name], layout.inside?.[name])]));
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
