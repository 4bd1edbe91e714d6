import type { Coverage, Extent, RunFacts } from '../../core/model/report.js';

/**
 * What a copy is, and how it was made. It names no file, so that both may be renamed. It holds no fingerprint
 * of a secret, which would confirm a guess of it.
 */
export interface Manifest {
  schemaVersion: 1;
  /** So that no other document signed with the same key passes for a manifest. */
  type: typeof MANIFEST_TYPE;
  tool: RunFacts['tool'];
  format: string;
  /** `unchanged`: nothing was found in the dump, and its copy is all of it. */
  keep: 'all' | 'backtrace' | 'unchanged';
  /** What became of names of files, modules and threads. */
  paths: 'keep' | 'hash';
  fill: FillValues;
  plan: AllowList | FillList;
  coverage: Coverage;
  /** Searches that were allowed to end at a limit. */
  acceptedLimits: string[];
  /** Only on request: it confirms a guess of the whole input. */
  input?: FileDigest;
  output: FileDigest;
}

export const MANIFEST_TYPE = 'dumpsieve-redaction';

/** How a dump and its copy may be compressed. */
export const ENCODINGS = ['gzip', 'zstd'] as const;

export type CopyEncodingName = (typeof ENCODINGS)[number];

/** What takes the place of bytes that do not stay. */
export interface FillValues {
  byte: number;
  /** Bytes of texts, such as JSON. */
  text?: number;
  /** Of a word of a stack that is no address: its value in hexadecimal. */
  word?: string;
}

/** Nothing but this stays. Counts alone: each part would tell what lies there. */
export interface AllowList {
  kind: 'allow-list';
  /** Bytes of the input that are in the copy. */
  kept: number;
  counts: Record<string, number>;
}

/** All but this stays. */
export interface FillList {
  kind: 'fill-list';
  detail: ManifestDetail;
  /** Bytes of the copy that were filled. Not with the detail `brief`: lengths tell the sizes of keys. */
  bytes?: number;
  causes: FillCause[];
}

export interface FillCause {
  /** A rule, or what else a byte was filled for. */
  cause: string;
  places: number;
  bytes?: number;
  /** Ascending and disjoint. */
  extents?: Extent[];
}

export type ManifestDetail = 'full' | 'brief';

export interface FileDigest {
  bytes: number;
  sha256: string;
  /** Content of a compressed file. */
  decoded?: { encoding: CopyEncodingName; bytes: number; sha256: string };
}

/** The list of what was filled, in the detail asked for. `causes`: with bytes and extents. */
export function fillList(detail: ManifestDetail, causes: readonly Required<FillCause>[]): FillList {
  if (detail === 'brief')
    return { kind: 'fill-list', detail, causes: causes.map(({ cause, places }) => ({ cause, places })) };
  const bytes = causes.reduce((sum, each) => sum + each.bytes, 0);
  return { kind: 'fill-list', detail, bytes, causes: [...causes] };
}
