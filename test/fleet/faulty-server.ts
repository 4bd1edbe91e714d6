import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers a request in the place of the server behind. `count`: requests of this path so far, from 1. */
export type Fault = (request: http.IncomingMessage, answer: http.ServerResponse, count: number) => void;

/** Answers with a status and nothing else. */
export const status =
  (code: number, headers: http.OutgoingHttpHeaders = {}): Fault =>
  (_request, answer) => {
    answer.writeHead(code, headers).end();
  };

/** Answers with bytes, and an ETag. */
export const content =
  (bytes: Uint8Array | string, etag = '"v1"', headers: http.OutgoingHttpHeaders = {}): Fault =>
  ({ method }, answer) => {
    const body = Buffer.from(bytes);
    answer.writeHead(200, { etag, 'content-length': body.length, ...headers });
    answer.end(method === 'HEAD' ? undefined : body);
  };

/** Promises more bytes than come before the connection ends. */
export const cut =
  (bytes: Uint8Array | string, length: number, etag = '"v1"'): Fault =>
  (_request, answer) => {
    answer.writeHead(200, { etag, 'content-length': length });
    answer.write(bytes, () => answer.destroy());
  };

/** Sends a few bytes, and then one byte a tenth of a second. */
export const drip =
  (length: number, etag = '"v1"'): Fault =>
  ({ method }, answer) => {
    answer.writeHead(200, { etag, 'content-length': length });
    if (method === 'HEAD') {
      answer.end();
      return;
    }
    const timer = setInterval(() => answer.write('.'), 100);
    answer.on('close', () => clearInterval(timer));
  };

/** Never answers. */
export const silence: Fault = () => {};

/** One fault until a number of requests, then another. */
export const until =
  (most: number, first: Fault, then: Fault | undefined): Fault =>
  (request, answer, count) => {
    if (count <= most) first(request, answer, count);
    else if (then !== undefined) then(request, answer, count);
    else relay(request, answer);
  };

/** Where a request goes that has no fault. */
const behind = new WeakMap<http.IncomingMessage, string | undefined>();

function relay(request: http.IncomingMessage, answer: http.ServerResponse): void {
  const target = behind.get(request);
  if (target === undefined) {
    answer.writeHead(404).end();
    return;
  }
  const { method, headers, url = '' } = request;
  const asked = http.request(new URL(url, target), { method: method ?? 'GET', headers }, (got) => {
    answer.writeHead(got.statusCode ?? 500, got.headers);
    got.pipe(answer);
  });
  asked.on('error', () => answer.destroy());
  request.pipe(asked);
}

/** A server of this machine that remembers requests and fails as it is asked to, in front of another. */
export class FaultyServer {
  readonly #server: http.Server;
  readonly #counts = new Map<string, number>();
  /** Keys: paths, without the query. */
  readonly faults = new Map<string, Fault>();
  readonly requests: { method: string; path: string; url: string; headers: http.IncomingHttpHeaders }[] = [];

  private constructor(target: string | undefined) {
    this.#server = http.createServer((request, answer) => {
      const { method = '', url = '', headers } = request;
      const path = decodeURIComponent(url.replace(/\?.*$/, ''));
      this.requests.push({ method, path, url, headers });
      behind.set(request, target);
      const fault = this.faults.get(path);
      const count = (this.#counts.get(path) ?? 0) + 1;
      this.#counts.set(path, count);
      if (fault === undefined) relay(request, answer);
      else fault(request, answer, count);
    });
  }

  /** `target`: address of the server behind, if there is one. */
  static async start(target?: string): Promise<FaultyServer> {
    const server = new FaultyServer(target);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Requests of a path, or of all. */
  of(method: string, path?: string): number {
    return this.requests.filter((each) => each.method === method && (path ?? each.path) === each.path).length;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export async function withFaultyServer<T>(
  body: (server: FaultyServer) => Promise<T>,
  target?: string,
): Promise<T> {
  const server = await FaultyServer.start(target);
  try {
    return await body(server);
  } finally {
    await server.stop();
  }
}
