/** Where a fact comes from: a pattern of --label, a report, the dump itself, or its last change. */
export type FactSource = 'label' | 'report' | 'dump' | 'mtime';

/** A dump as a listing names it: nothing of it was read. */
export interface ListedDump {
  /** `file://HOST/path`, `s3://bucket/key` or `https://host/path`: without query, user and password. */
  uri: string;
  /**
   * What differs when the content differs: the ETag, or of a file its size, time of change and inode. Opaque.
   */
  version: string;
  /** Stored bytes. */
  size: number;
  /** ISO 8601. */
  mtime?: string;
  /** Host that the dump is of. */
  host?: string;
  /** When it was written: ISO 8601. */
  dumpedAt?: string;
  /** Where host and dumpedAt come from; by default a label, which a later report does not replace. */
  factsFrom?: 'label' | 'report';
}

/** A dump of the store. */
export interface StoredDump {
  id: number;
  uri: string;
  version: string;
  size: number;
  /** Hexadecimal SHA-256 of its stored bytes, once they were read. */
  sha256?: string;
}

/** What became of a listing: numbers of dumps. */
export interface ListCounts {
  added: number;
  /** Known, and of another version than before. */
  changed: number;
  unchanged: number;
}
