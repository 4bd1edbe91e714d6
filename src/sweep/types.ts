/** A set of literals compiled for the kernels: plain data over SharedArrayBuffers, posted to every worker. Opaque outside this room. */
export interface Net {
  readonly kind: 'literals' | 'needles';
  /** Longest pattern in bytes, wide forms included. */
  readonly longest: number;
  readonly patterns: number;
  readonly images: Readonly<Record<string, SharedArrayBuffer>>;
}

/** Exact hits of one range, ascending by offset, then by id. */
export interface HitBatch {
  /** The range of the file that these hits start in. */
  from: number;
  to: number;
  /** File offsets of the first byte of each hit. */
  offsets: Float64Array;
  /** Pattern id: 2 * literal index + (wide ? 1 : 0). */
  ids: Uint32Array;
  /** Set where fewer bytes could be read than the range has: the file ends (or a read fails) at this offset. */
  endedAt?: number;
  /** System error code of a failed read. */
  error?: string;
}

export interface SweepOptions {
  signal?: AbortSignal;
  /** Bytes of one kernel call; tests vary it. Default 1 MiB. */
  chunk?: number;
  onProgress?: (bytes: number) => void;
}
