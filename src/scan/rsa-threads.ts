import type { ByteReader, Storage } from '../core/base/bytes/storage.js';
import type { KeyJudge } from '../prove/judge/key-judge.js';
import type { RsaAnswer } from '../search/rsa/rsa-key.js';
import { type RsaRequest, windowsOf } from '../search/rsa/rsa-request.js';
import { defineJob } from '../sweep/job.js';
import type { SweepPool } from '../sweep/pool.js';
import { searchKeys } from './rsa-job.js';

/** Numbers whose search takes more than 0.1 s: worth the start of a worker. */
const MANY_WINDOWS = 1 << 13;

/** Buffers to transfer with a request. */
const buffersOf = ({ windows }: RsaRequest): ArrayBuffer[] =>
  [...windows.values()]
    .flatMap(({ offsets, readings, places, lows }) => [offsets, readings, places, lows])
    .map(({ buffer }) => buffer as ArrayBuffer);

/** The search for RSA keys, in a worker. */
const RSA_JOB = defineJob<typeof import('./rsa-job.js')>(
  new URL('./rsa-job.js', import.meta.url),
  ({ request }) => buffersOf(request),
);

/** Has the worker that will search load the search, if one is up. */
export const preloadRsa = (pool: Pick<SweepPool, 'preload'>): void => pool.preload(RSA_JOB);

interface RsaInput {
  storage: Storage;
  request: RsaRequest;
}

/** The answer of a worker; undefined if none is up and the search is not worth the start of one. */
export const searchInWorker = (
  pool: Pick<SweepPool, 'run'>,
  input: RsaInput,
): Promise<RsaAnswer> | undefined => pool.run(RSA_JOB, input, windowsOf(input.request) >= MANY_WINDOWS);

/** The answer of this thread. Its proofs are kept by the judge. */
export const searchHere = (
  request: RsaRequest,
  reader: ByteReader,
  judge: Pick<KeyJudge, 'addProof'>,
): RsaAnswer => searchKeys(request, reader, undefined, (...proof) => judge.addProof(...proof));
