import { reasonOf, systemCode } from '../../../src/core/base/runtime/errors.js';
import { failure, theHost } from '../host.js';

/** Why an object cannot be had, and what to do. */
const HINTS = {
  'object-replaced': 'it is listed anew by the next hunt add',
  'object-gone': 'it is marked as gone by the next hunt add',
  'access-denied': 'give the credentials, or the query that signs the URL, the right to read it',
  'object-unreachable': 'it is tried again; dumpsieve hunt status lists it meanwhile',
  'object-refused': 'open the URL by another program to see what its server says',
  'redirect-refused': 'name the URL that it leads to',
  'certificate-refused': 'name a certificate authority by NODE_EXTRA_CA_CERTS',
} as const;

type ObjectCode = keyof typeof HINTS;

/** Seconds after which the server wants to be asked again. */
const delays = new WeakMap<Error, number>();

/** An error with an object, exit 2. `shown`: its URI without a query. */
export function objectError(code: ObjectCode, shown: string, why: string, cause?: unknown): Error {
  return failure({ code, message: `${shown}: ${why}`, hint: HINTS[code] }, 2, cause);
}

const BY_STATUS: Readonly<Record<number, readonly [ObjectCode, string]>> = {
  401: ['access-denied', 'access was denied (status 401)'],
  403: ['access-denied', 'access was denied (status 403)'],
  404: ['object-gone', 'there is no such object (status 404)'],
  408: ['object-unreachable', 'the server was too slow (status 408)'],
  410: ['object-gone', 'the object was removed (status 410)'],
  412: ['object-replaced', 'it was replaced after it was listed (status 412)'],
  425: ['object-unreachable', 'the server wants to be asked later (status 425)'],
  429: ['object-unreachable', 'the server is asked too often (status 429)'],
};

/** The error of an answer that has no object. `retryAfter`: seconds, or a date (RFC 9110, section 10.2.3). */
export function statusError(status: number, shown: string, retryAfter?: string, cause?: unknown): Error {
  const other: readonly [ObjectCode, string] =
    status >= 500
      ? ['object-unreachable', `the server failed (status ${status})`]
      : ['object-refused', `the server refused it (status ${status})`];
  const [code, why] = BY_STATUS[status] ?? other;
  const error = objectError(code, shown, why, cause);
  const seconds = delayOf(retryAfter);
  if (seconds !== undefined) delays.set(error, seconds);
  return error;
}

function delayOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const seconds = /^\d{1,6}$/.test(retryAfter)
    ? Number(retryAfter)
    : (Date.parse(retryAfter) - Date.now()) / 1000;
  return seconds > 0 ? seconds : undefined;
}

/** Seconds that the server asks to wait; undefined if it does not. */
export const delayBefore = (error: Error): number | undefined => delays.get(error);

/** Codes of Node and OpenSSL for a certificate that is not trusted or of another name. */
const CERTIFICATE = /CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_(?:GET|VERIFY)/;

/** The error of a connection that failed: our own ones as they are. No text of the server is shown. */
export function connectionError(error: unknown, shown: string): Error {
  if (error instanceof theHost().DumpsieveError) return error;
  const code = systemCode(error);
  if (code !== undefined && CERTIFICATE.test(code))
    return objectError('certificate-refused', shown, `its certificate is not trusted (${code})`, error);
  return objectError(
    'object-unreachable',
    shown,
    `the connection failed${code === undefined ? '' : ` (${reasonOf(error)})`}`,
    error,
  );
}
