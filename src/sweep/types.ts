import type { Mark } from './marks.js';
import type { Runs } from './runs/run-joiner.js';

/** The compiled conditions of {@link Net.filter}. Opaque outside this room. */
export type FilterImages = Readonly<Record<'starts' | 'program' | 'sets', SharedArrayBuffer>>;

/**
 * What the value net searches for. `prefixed`: 1 for each literal that it finds instead of the literal net,
 * at the start of a value. `names`: what values that look random are joined with (values/tables.ts).
 */
export type ValueImages = Readonly<Partial<Record<'prefixed' | 'names', SharedArrayBuffer>>>;

/** A set of literals compiled for the kernels, in shared memory for all workers. Opaque outside this room. */
export interface Net {
  readonly kind: 'literals' | 'needles';
  /** Bytes of the longest pattern, wide forms included. */
  readonly longest: number;
  readonly patterns: number;
  readonly images: Readonly<Record<string, SharedArrayBuffer>>;
  /** Conditions on the bytes around each literal, for the hit filter. */
  readonly filter?: FilterImages;
  readonly values?: ValueImages;
  /** Neither hits nor values are filtered: for what explains or counts them. */
  readonly unfiltered?: boolean;
}

/** Places and packed runs (values/value-run.ts). */
export interface ValueHits {
  offsets: Float64Array;
  ids: Uint32Array;
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
  /** With `runs`: runs of random-looking 8-byte words, ascending. */
  runs?: Runs;
  /**
   * With `runs`: runs of 64-byte blocks, or halves of them, that may be digits of a JavaScript big integer.
   * The first and last digits may lie outside, next to the run.
   */
  digits?: Runs;
  /**
   * With `runs`: runs of base64url, in characters instead of words. Those that cannot be a member of a JSON
   * Web Key are left out, except next to the ends of a kernel call.
   */
  texts?: Runs;
  /**
   * With a net that has names: runs that look random and have a name, ascending by offset, and those whose
   * surroundings are not in one kernel call; ids: values/value-run.ts.
   */
  values?: ValueHits;
  /** Runs that look random, as `values`: see SweepOptions. */
  randomRuns?: ValueHits;
  /** Records (src/detect/chance/value-record.ts) of runs of characters that look random, to their ends. */
  census?: ArrayBuffer;
  /** With `numbers`: records (src/sweep/runs/records.ts) of runs that are not in `runs`, in file order. */
  numbers?: ArrayBuffer;
  /** With `numbers`: records (src/sweep/runs/text-records.ts) of texts not in `texts`, in file order. */
  decoded?: ArrayBuffer;
  /** With `marks`: false if all was read and has none of them, nor a run that is kept. */
  marked?: boolean;
  /** Set if the range could not be read to its end: the file ends, or a read failed, at this offset. */
  endedAt?: number;
  /** System error code of a failed read. */
  error?: string;
}

/** Progress of a stream that is swept while it arrives. */
export interface Feed {
  /** Bytes that have arrived. */
  readonly written: number;
  /** All bytes have arrived. */
  readonly ended: boolean;
  /** Resolves once the bytes up to `offset` have arrived, or the stream has ended. */
  until(offset: number, signal?: AbortSignal): Promise<void>;
}

/** Which random-looking runs are kept; `unnamed`: those whose name, if they have one, is not sure. */
export type KeptRuns = 'all' | 'unnamed';

export interface SweepOptions {
  /** Sweep bytes of a stream as they arrive, up to its end or the end of the range. */
  feed?: Feed;
  /**
   * Find runs in the same pass: batches then have `runs`, `digits` and `texts`. Only for a net of literals.
   */
  runs?: boolean;
  /**
   * False if the bytes were swept before: neither values nor hits of prefixes are found then. Default true.
   */
  values?: boolean;
  /** Keep runs that look random, for a format that knows what holds them: all, or those without a name. */
  randomRuns?: KeptRuns | undefined;
  /** Search for these, too, until a random-looking run is kept. Only for a net with literals of 4 bytes. */
  marks?: readonly Mark[] | undefined;
  /** Extract numbers from runs and texts that lie, with their surroundings, within one kernel call. */
  numbers?: boolean;
  /**
   * Enables the net's hit filter. Ascending file offsets at which consecutive bytes of the file may not be
   * consecutive in memory: a hit whose surroundings cross one is kept.
   */
  seams?: Float64Array;
  signal?: AbortSignal;
  /** Bytes of one kernel call; tests vary it. Default 1 MiB. */
  chunk?: number;
  onProgress?: (bytes: number) => void;
}
