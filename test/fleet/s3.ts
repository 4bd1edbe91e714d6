import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PYTHON } from '../support/programs.js';

/** Environment of what asks a server of {@link withS3}. */
const CREDENTIALS = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'testing',
  AWS_SECRET_ACCESS_KEY: 'testing',
  // No look for credentials of a cloud machine.
  AWS_EC2_METADATA_DISABLED: 'true',
  // The listing sets it, too: what a test restores.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
} as const;

/** An S3 server of this machine: moto. Needs `describeWith(['python3-moto'], …)`. */
export class S3Server {
  readonly #process: ChildProcess;
  readonly endpoint: string;

  private constructor(process: ChildProcess, endpoint: string) {
    this.#process = process;
    this.endpoint = endpoint;
  }

  static async start(): Promise<S3Server> {
    const process = spawn(PYTHON, ['-m', 'moto.server', '-p', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
    for await (const line of createInterface({ input: process.stderr })) {
      const endpoint = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (endpoint === undefined) continue;
      process.stderr.resume();
      return new S3Server(process, endpoint);
    }
    throw new Error('moto did not start');
  }

  /** Variables by which the SDK finds it, or a server in front of it. */
  environment(endpoint = this.endpoint): Record<string, string> {
    return { ...CREDENTIALS, AWS_ENDPOINT_URL: endpoint };
  }

  /** `region`: other than us-east-1. */
  async makeBucket(name: string, region?: string): Promise<void> {
    const body =
      region &&
      `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
    await this.#put(`/${name}`, body ?? '', region);
  }

  async putObject(bucket: string, key: string, bytes: Uint8Array | string): Promise<void> {
    await this.#put(`/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`, bytes);
  }

  async deleteObject(bucket: string, key: string): Promise<void> {
    await fetch(`${this.endpoint}/${bucket}/${key}`, { method: 'DELETE', headers: headers() });
  }

  async #put(path: string, body: Uint8Array | string, region?: string): Promise<void> {
    const answer = await fetch(`${this.endpoint}${path}`, {
      method: 'PUT',
      headers: headers(region),
      // The types of Node 20 want an ArrayBuffer, which every buffer of a test has.
      body: body as string,
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}

/** It checks no signature; the region is read from it. */
const headers = (region = 'us-east-1'): Record<string, string> => ({
  authorization: `AWS4-HMAC-SHA256 Credential=testing/20260101/${region}/s3/aws4_request, SignedHeaders=host, Signature=0`,
});

/** Sets variables of this process; returns what restores it. */
export function setEnvironment(variables: Readonly<Record<string, string | undefined>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(variables)) set(name, value);
  return () => {
    for (const [name, value] of before) set(name, value);
  };
}

/** Runs `body` with a server, whose variables this process has meanwhile. */
export async function withS3<T>(body: (server: S3Server) => Promise<T>): Promise<T> {
  const server = await S3Server.start();
  const restore = setEnvironment(server.environment());
  try {
    return await body(server);
  } finally {
    restore();
    await server.stop();
  }
}
