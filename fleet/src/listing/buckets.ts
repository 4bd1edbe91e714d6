import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { systemCode } from '../../../src/core/base/runtime/errors.js';
import { failure } from '../host.js';
import { connectionError, objectError, statusError } from './object-errors.js';
import { type Patience, retried } from './retry.js';
import { s3Uri, shownName } from './uri.js';

type Sdk = typeof import('@aws-sdk/client-s3');

/** An object as a listing names it. */
export interface ListedObject {
  key: string;
  size: number;
  /** With its quotes. */
  etag: string;
  /** ISO 8601. */
  mtime?: string;
}

/** An answer with an object. */
export interface ObjectAnswer {
  size: number;
  version: string;
  body: Readable;
}

/** Names of buckets: the rules of S3, which keep them apart from paths and hosts. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** The endpoint of another S3-compatible store, as the SDK reads it. */
const endpoint = (): string | undefined => process.env.AWS_ENDPOINT_URL_S3 || process.env.AWS_ENDPOINT_URL;

/** Loaded late: an optional package of 22 MB. */
async function loadSdk(): Promise<Sdk> {
  // It would print a warning on Node 20, which this package supports as long as the SDK runs there.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  try {
    return await import('@aws-sdk/client-s3');
  } catch (error) {
    if (systemCode(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw failure({
      code: 's3-client-missing',
      message: 's3:// needs the package @aws-sdk/client-s3, which is not installed beside dumpsieve-fleet',
      hint: 'npm install @aws-sdk/client-s3 in the folder that dumpsieve-fleet is installed in',
    });
  }
}

/**
 * Buckets by the AWS SDK: endpoint, region and credentials come from its environment and files. A bucket of
 * another region than this process is refused, unless that was allowed: reading it costs.
 */
export class Buckets {
  readonly #allowEgress: boolean;
  readonly #patience: Patience;
  #sdk: Promise<Sdk> | undefined;
  /** By region; '' is that of the process. */
  readonly #clients = new Map<string, Promise<S3Client>>();
  /** By name of the bucket. */
  readonly #checked = new Map<string, Promise<S3Client>>();

  constructor(allowEgress: boolean, patience: Patience) {
    this.#allowEgress = allowEgress;
    this.#patience = patience;
  }

  /** Objects below a prefix, by their keys in byte order, 1,000 a request. */
  async *list(bucket: string, prefix: string, signal?: AbortSignal): AsyncGenerator<ListedObject[]> {
    const [sdk, client] = await this.#open(bucket);
    let token: string | undefined;
    do {
      const command = new sdk.ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ContinuationToken: token,
        // XML cannot hold all characters of a key.
        EncodingType: 'url',
      });
      const answer = await this.#ask(s3Name(bucket, prefix), signal, (abortSignal) =>
        client.send(command, { abortSignal }),
      );
      yield (answer.Contents ?? []).map((each) => ({
        key: decodeKey(each.Key ?? ''),
        size: each.Size ?? 0,
        etag: each.ETag ?? '',
        ...(each.LastModified === undefined ? {} : { mtime: each.LastModified.toISOString() }),
      }));
      token = answer.IsTruncated ? answer.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** Facts of one object. */
  async look(bucket: string, key: string, signal?: AbortSignal): Promise<ListedObject> {
    const [sdk, client] = await this.#open(bucket);
    const answer = await this.#ask(s3Name(bucket, key), signal, (abortSignal) =>
      client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal }),
    );
    const { ContentLength: size = 0, ETag: etag = '', LastModified: changed } = answer;
    return { key, size, etag, ...(changed === undefined ? {} : { mtime: changed.toISOString() }) };
  }

  /** Asks for an object once, in a version. The caller reads the body, or destroys it. */
  async get(bucket: string, key: string, version: string, signal?: AbortSignal): Promise<ObjectAnswer> {
    const [sdk, client] = await this.#open(bucket);
    const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: version });
    const shown = s3Name(bucket, key);
    const answer = await this.#once(shown, signal, (abortSignal) => client.send(command, { abortSignal }));
    const body = answer.Body as Readable;
    if (answer.ContentLength === undefined || answer.ETag !== version) {
      body.destroy();
      throw objectError('object-replaced', shown, 'it was replaced after it was listed');
    }
    return { size: answer.ContentLength, version, body };
  }

  async #open(bucket: string): Promise<[Sdk, S3Client]> {
    if (!BUCKET.test(bucket))
      throw failure({
        code: 'wrong-bucket',
        message: `${JSON.stringify(bucket)} is no name of a bucket`,
        hint: 'for example s3://bucket/prefix',
      });
    this.#sdk ??= loadSdk();
    const sdk = await this.#sdk;
    let client = this.#checked.get(bucket);
    if (client === undefined) {
      client = this.#clientOf(sdk, bucket);
      this.#checked.set(bucket, client);
      client.catch(() => this.#checked.delete(bucket));
    }
    return [sdk, await client];
  }

  /** The client for the region of a bucket, which S3 says even to who may not read it. */
  async #clientOf(sdk: Sdk, bucket: string): Promise<S3Client> {
    const client = await this.#client(sdk, '');
    const own = await client.config.region();
    const found = await this.#ask(`s3://${bucket}`, undefined, async (abortSignal) => {
      try {
        return (await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }), { abortSignal }))
          .BucketRegion;
      } catch (error) {
        // A role that may only read objects, or a store without regions: the next request shows it.
        const status = (error as SdkError).$metadata?.httpStatusCode ?? 0;
        const region = regionOf(error);
        if (region === undefined && (status < 400 || status > 499 || status === 429)) throw error;
        return region;
      }
    });
    if (found === undefined || found === own) return client;
    if (this.#allowEgress) return this.#client(sdk, found);
    throw failure(
      {
        code: 'egress-refused',
        message: `s3://${bucket} is in the region ${found}, and this process in ${own}: reading it costs`,
        hint: `run it there, set AWS_REGION=${found} if it does, or allow it by --allow-egress`,
      },
      2,
    );
  }

  #client(sdk: Sdk, region: string): Promise<S3Client> {
    let client = this.#clients.get(region);
    if (client === undefined) {
      client = newClient(sdk, region, this.#patience);
      this.#clients.set(region, client);
    }
    return client;
  }

  #ask<T>(shown: string, signal: AbortSignal | undefined, send: Send<T>): Promise<T> {
    return retried(() => this.#once(shown, signal, send), this.#patience, signal);
  }

  /** One request, whose answer must begin in time. */
  async #once<T>(shown: string, signal: AbortSignal | undefined, send: Send<T>): Promise<T> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#patience.answer);
    try {
      return await send(AbortSignal.any(signal === undefined ? [late.signal] : [signal, late.signal]));
    } catch (error) {
      signal?.throwIfAborted();
      if (late.signal.aborted) {
        const seconds = this.#patience.answer / 1000;
        throw objectError('object-unreachable', shown, `no answer within ${seconds} seconds`, error);
      }
      throw errorOf(error, shown);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    for (const client of this.#clients.values())
      client.then(
        (each) => each.destroy(),
        () => {},
      );
    this.#clients.clear();
    this.#checked.clear();
  }
}

type Send<T> = (signal: AbortSignal) => Promise<T>;

async function newClient(sdk: Sdk, region: string, patience: Patience): Promise<S3Client> {
  const other = endpoint();
  const client = new sdk.S3Client({
    ...(region === '' ? {} : { region }),
    ...(other === undefined ? {} : { forcePathStyle: true }),
    // Further attempts are those of `retried`; the second corrects a clock that is wrong.
    maxAttempts: 2,
    requestHandler: { connectionTimeout: patience.connect },
    // The whole object has a digest of its own; parts have none that hold for a GET.
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  try {
    await client.config.region();
    return client;
  } catch {
    client.destroy();
    // S3-compatible stores have no regions.
    if (other !== undefined) return newClient(sdk, 'us-east-1', patience);
    throw failure({
      code: 's3-no-region',
      message: 'the region of S3 is not known',
      hint: 'set AWS_REGION to the region that this process runs in',
    });
  }
}

const s3Name = (bucket: string, key: string): string =>
  key === '' ? `s3://${bucket}` : shownName(s3Uri(bucket, key));

/** Key of an answer with `encoding-type=url`: a plus is a space there. */
const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));

interface SdkError {
  name: string;
  $metadata?: { httpStatusCode?: number };
  $response?: { headers?: Record<string, string> };
}

const headersOf = (error: unknown): Record<string, string> => (error as SdkError).$response?.headers ?? {};

/** The region of a bucket by an error that names it. */
const regionOf = (error: unknown): string | undefined => {
  const region = headersOf(error)['x-amz-bucket-region'];
  return region !== undefined && /^[a-z0-9-]{1,40}$/.test(region) ? region : undefined;
};

/** An error of the SDK. Its text may be of the server, and is not shown. */
function errorOf(error: unknown, shown: string): Error {
  const { name, $metadata } = error as SdkError;
  const status = $metadata?.httpStatusCode;
  if (name === 'CredentialsProviderError')
    return objectError('access-denied', shown, 'no credentials of S3 were found', error);
  if (name === 'SlowDown') return statusError(503, shown, undefined, error);
  return status === undefined || status < 300
    ? connectionError(error, shown)
    : statusError(status, shown, headersOf(error)['retry-after'], error);
}
