import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server of this machine with objects in memory: ETag, If-Match, HEAD. */
export class WebServer {
  readonly #objects = new Map<string, Buffer>();
  readonly #middles = new Map<string, () => Promise<void>>();
  readonly #server: Server;
  /** Paths of the GETs. */
  readonly gets: string[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = new URL(request.url!, 'http://localhost').pathname;
      const bytes = this.#objects.get(path);
      if (bytes === undefined) return void response.writeHead(404).end();
      const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
      const wanted = request.headers['if-match'];
      if (wanted !== undefined && wanted !== etag) return void response.writeHead(412).end();
      if (request.method === 'GET') this.gets.push(path);
      response.writeHead(200, { etag, 'content-length': bytes.length });
      const middle = this.#middles.get(path);
      if (request.method === 'HEAD' || middle === undefined)
        return void response.end(request.method === 'HEAD' ? undefined : bytes);
      const half = bytes.length >> 1;
      response.write(bytes.subarray(0, half));
      void middle().then(() => response.end(bytes.subarray(half)));
    });
  }

  static async start(): Promise<WebServer> {
    const server = new WebServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** `middle`: is waited for in the middle of each GET. */
  put(path: string, bytes: Buffer, middle?: () => Promise<void>): void {
    this.#objects.set(path, bytes);
    if (middle !== undefined) this.#middles.set(path, middle);
  }

  get urls(): string[] {
    const { port } = this.#server.address() as AddressInfo;
    return [...this.#objects.keys()].map((path) => `http://127.0.0.1:${port}${path}`);
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
