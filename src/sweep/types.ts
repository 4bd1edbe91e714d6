import type { Runs } from '../runs/types.js';
/** What must stand beside each literal of a net, compiled. Opaque outside this room. */
export type Sieve = Readonly<Record<'starts' | 'program' | 'sets', SharedArrayBuffer>>;

/** A set of literals compiled for the kernels: plain data over SharedArrayBuffers, posted to every worker. Opaque outside this room. */
export interface Net {
  readonly kind: 'literals' | 'needles';
  /** Longest pattern in bytes, wide forms included. */
  readonly longest: number;
  readonly patterns: number;
  readonly images: Readonly<Record<string, SharedArrayBuffer>>;
  /** Drops hits, where a sweep lets it. */
  readonly sieve?: Sieve;
}

/** Exact hits of one range, ascending by offset, then by id. */
export interface HitBatch {
  /** The range of the file that these hits start in. */
  from: number;
  to: number;
  /** File offsets of the first byte of each hit. */
  offsets: Float64Array;
  /** Pattern ids (base/bytes/literal-id.ts). */
  ids: Uint32Array;
  /** Where the sweep was asked for runs: stretches of random-looking 8-byte words, ascending. */
  runs?: Runs;
  /** And runs of blocks of 64 bytes, or halves of them, that may be digits of a JavaScript big integer; its first and last digits lie beside them. */
  digits?: Runs;
  /** And runs of base64url that may be a member of a JSON Web Key, in characters in place of words; gated as far as no end of a kernel call is near. */
  texts?: Runs;
  /** Where the sweep was asked for numbers: those of the runs that `runs` leaves out (src/runs/records.ts), in file order. */
  numbers?: ArrayBuffer;
  /** Set where fewer bytes could be read than the range has: the file ends (or a read fails) at this offset. */
  endedAt?: number;
  /** System error code of a failed read. */
  error?: string;
}

/** Says how much of a stream has come, while it is swept. */
export interface Feed {
  /** Bytes that have come. */
  readonly written: number;
  /** No more will come. */
  readonly ended: boolean;
  /** Resolves when bytes up to `offset` have come, or all. */
  until(offset: number, signal?: AbortSignal): Promise<void>;
}

export interface SweepOptions {
  /** Bytes are swept as they come, up to the end of these or the range's: of a stream, or of what is swept beside one. */
  feed?: Feed;
  /** Let the entropy net hang in the pass: batches then have `runs`. Only for a net of literals. */
  runs?: boolean;
  /** And take numbers out of the runs, as far as a kernel call has all of a run and what lies beside it. */
  numbers?: boolean;
  /**
   * Lets the net's sieve drop hits that no rule could make anything of. Ascending file offsets at which memory may go on
   * elsewhere than the file does: what lies across one is never dropped.
   */
  seams?: Float64Array;
  signal?: AbortSignal;
  /** Bytes of one kernel call; tests vary it. Default 1 MiB. */
  chunk?: number;
  onProgress?: (bytes: number) => void;
}
