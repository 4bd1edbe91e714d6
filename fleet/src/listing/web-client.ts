import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { escapeText } from '../../../src/core/base/text/escape.js';
import { checkedLookup, hostOf, isAllowed, isLoopback, refusedAddress } from './addresses.js';
import { connectionError, objectError, statusError } from './object-errors.js';
import { type Patience, retried } from './retry.js';
import { shownName } from './uri.js';
import type { UrlQueries } from './url-queries.js';

/** Redirects on one host that are followed. */
const MOST_REDIRECTS = 5;

/** Facts of an object by the head of an answer. */
export interface WebFacts {
  size: number;
  version: string;
  /** ISO 8601. */
  mtime?: string;
}

/** An answer with a body. */
export interface WebAnswer extends WebFacts {
  body: http.IncomingMessage;
}

interface WebRequest {
  method: 'GET' | 'HEAD';
  headers?: http.OutgoingHttpHeaders;
  signal?: AbortSignal | undefined;
}

/** HTTP without proxies: each address is checked before a connection is made to it. */
export class WebClient {
  readonly #queries: UrlQueries;
  readonly #patience: Patience;
  readonly #agents = {
    'https:': new https.Agent({ keepAlive: true, maxSockets: 64 }),
    'http:': new http.Agent({ keepAlive: true, maxSockets: 64 }),
  };

  constructor(queries: UrlQueries, patience: Patience) {
    this.#queries = queries;
    this.#patience = patience;
  }

  /** Asks for the size and version of an object. Tried again as `retried` does. */
  look(uri: string, signal?: AbortSignal): Promise<WebFacts> {
    return retried(() => this.#look(uri, signal), this.#patience, signal);
  }

  /** A URL that is signed for GET alone is asked by one, whose body is not read. */
  async #look(uri: string, signal: AbortSignal | undefined): Promise<WebFacts> {
    const head = await this.#request(uri, { method: 'HEAD', signal });
    head.resume();
    if (head.statusCode === 200 && head.headers['content-length'] !== undefined) return factsOf(head, uri);
    if (head.statusCode === 404 || head.statusCode === 410) throw failed(head, uri);
    const { body, ...facts } = await this.get(uri, signal);
    body.destroy();
    return facts;
  }

  /** Asks for an object once, in a version if it is given. The caller reads the body, or destroys it. */
  async get(uri: string, signal?: AbortSignal, version?: string): Promise<WebAnswer> {
    const headers = isStrong(version) ? { 'if-match': version } : {};
    const answer = await this.#request(uri, { method: 'GET', headers, signal });
    try {
      if (answer.statusCode !== 200) throw failed(answer, uri);
      const facts = factsOf(answer, uri);
      if (version !== undefined && facts.version !== version)
        throw objectError('object-replaced', shownName(uri), 'it was replaced after it was listed');
      return { ...facts, body: answer };
    } catch (error) {
      answer.destroy();
      throw error;
    }
  }

  async #request(uri: string, request: WebRequest): Promise<http.IncomingMessage> {
    const shown = shownName(uri);
    let url = this.#queries.signed(uri);
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#once(url, request, shown);
      const { statusCode = 0, headers } = answer;
      if (statusCode < 300 || statusCode > 399 || statusCode === 304) return answer;
      answer.destroy();
      url = redirected(url, headers.location, shown);
      if (redirects === MOST_REDIRECTS)
        throw objectError('redirect-refused', shown, `it redirects more than ${MOST_REDIRECTS} times`);
    }
  }

  /** The head of one answer. */
  #once(url: URL, { method, headers, signal }: WebRequest, shown: string): Promise<http.IncomingMessage> {
    const host = hostOf(url);
    if (isIP(host) > 0 && !isAllowed(host, isLoopback(url))) return Promise.reject(refusedAddress(host));
    const client = url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const request = client.request(url, {
        method,
        agent: this.#agents[url.protocol as 'https:' | 'http:'],
        lookup: checkedLookup(isLoopback(url)),
        headers: { 'accept-encoding': 'identity', 'user-agent': 'dumpsieve', ...headers },
        ...(signal === undefined ? {} : { signal }),
      });
      const late = (what: string, most: number): NodeJS.Timeout =>
        setTimeout(() => {
          const why = `no ${what} within ${most / 1000} seconds`;
          request.destroy(objectError('object-unreachable', shown, why));
        }, most);
      const { connect, answer: most } = this.#patience;
      const timer = late('answer', most);
      const connecting = late('connection', connect);
      request.on('socket', (socket) => {
        const connected = () => clearTimeout(connecting);
        if (socket.connecting) socket.once('connect', connected);
        else connected();
      });
      request.on('error', (error) => {
        clearTimeout(timer);
        clearTimeout(connecting);
        reject(signal?.aborted ? signal.reason : connectionError(error, shown));
      });
      request.on('response', (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      request.end();
    });
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}

const failed = (answer: http.IncomingMessage, uri: string): Error =>
  statusError(answer.statusCode ?? 0, shownName(uri), answer.headers['retry-after']);

/** A redirect may change the path alone: what another host has is not what was named. */
function redirected(from: URL, location: string | undefined, shown: string): URL {
  if (location === undefined || !URL.canParse(location, from.href))
    throw objectError('redirect-refused', shown, 'it redirects to nowhere');
  const to = new URL(location, from);
  if (to.origin === from.origin && to.username === '' && to.password === '') return to;
  const origin = escapeText(to.origin);
  throw objectError('redirect-refused', shown, `it redirects to another host, ${origin}: not followed`);
}

/** A strong validator (RFC 9110, section 8.8.3) of a length that is worth keeping. */
const isStrong = (version: string | undefined): version is string => /^"[!#-~]{1,200}"$/.test(version ?? '');

/** The version is a strong ETag; else whatever the server says of a change, together. */
function factsOf({ headers }: http.IncomingMessage, uri: string): WebFacts {
  const { etag = '', 'last-modified': modified = '', 'content-length': length } = headers;
  if (length === undefined || !/^\d{1,15}$/.test(length))
    throw objectError('object-refused', shownName(uri), 'its server does not say how long it is');
  const size = Number(length);
  const changed = Date.parse(modified);
  return {
    size,
    version: isStrong(etag) ? etag : `${etag};${modified};${size}`.replace(/[^ -~]/g, '?').slice(-300),
    ...(Number.isNaN(changed) ? {} : { mtime: new Date(changed).toISOString() }),
  };
}
