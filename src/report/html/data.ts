import type {
  AddressSpace,
  ArtifactReport,
  CertificateFacts,
  Claims,
  FindReport,
  KeyFacts,
  Owner,
  RunFacts,
  Summary,
} from '../../core/model/report.js';

/**
 * What is inside an HTML report: blocks of JSON, deflated (zlib) and in base64, each in a `<script
 * type="text/plain">`. Shared by the reporter and the page.
 */
export type PageData =
  | ({ type: 'run'; command: string } & RunFacts)
  | { type: 'artifacts'; artifacts: ArtifactReport[] }
  | ({ type: 'findings' } & FindingBlock)
  | { type: 'find'; answers: FindReport[] }
  | ({ type: 'end' } & PageOutcome);

/** The outcome as the first lines of the page say it. */
export interface PageOutcome {
  /** Findings that count. */
  counting: number;
  sentence: string;
  /** Why the report is not complete. */
  trouble?: string;
  /** Absent if the scan was aborted. */
  summary?: Summary;
}

/** Columns of text: indices into `texts` of the block. */
export const TEXT_COLUMNS = [
  'id',
  'rule',
  'title',
  'kind',
  'severity',
  'confidence',
  // `counts`, or why the finding does not.
  'status',
  'whose',
  'preview',
] as const;
export type TextColumn = (typeof TEXT_COLUMNS)[number];

/**
 * Findings as columns, whose texts are in a dictionary: a tenth of the size of objects, in memory and when
 * deflated.
 */
export interface FindingBlock {
  texts: string[];
  columns: Record<TextColumn, number[]>;
  /** Number of all places of each finding; those below are the first ones. */
  occurrences: number[];
  places: PlaceColumns;
  /** What only the view of one finding shows, of the first findings of a report. */
  details: Detail[];
}

/** Places as columns; those of a finding are adjacent, and each of its artifacts has one. */
export interface PlaceColumns {
  /** Index of the finding in its block. */
  finding: number[];
  artifact: number[];
  offset: number[];
  length: number[];
  /** Address less offset, a text in decimal; -1 without an address. */
  shift: number[];
  /** Kind, name and thread of the region, as a text. */
  region: number[];
  /** What is there: component and encoding, as a text. */
  form: number[];
}

/** What is known of a finding beside its row. */
export interface Detail {
  fingerprint: string | null;
  impact: string;
  rotate: string;
  proof: string[];
  notes: string[];
  alsoMatched: string[];
  key?: Omit<KeyFacts, 'certificates'>;
  /** `signed` and `form`: what kind of certificate it is, where the scan says so. */
  certificates?: (CertificateFacts & { signed?: boolean; form?: string })[];
  claims?: Claims;
  owner?: Owner;
}

/** An address space in words; empty for that of the dump's own process. */
export const spaceText = ({ kind, id, pid }: AddressSpace): string =>
  [kind, id, pid === undefined ? undefined : `pid ${pid}`].filter((part) => part !== undefined).join(' ');

/** A number from a report that may have been changed: an address, or undefined for any other text. */
export const addressOf = (text: string | undefined): bigint | undefined =>
  text !== undefined && /^0x[0-9a-f]{1,16}$/.test(text) ? BigInt(text) : undefined;
