import { failure } from '../host.js';
import { shownPath } from './uri.js';

/** The environment variable with queries that sign URLs: lines of a prefix of URLs, a space, and a query. */
const QUERY_VARIABLE = 'DUMPSIEVE_URL_QUERY';

/** Signed URLs of a run, which are held in memory with their queries. */
const MOST_SIGNED = 100_000;

const wrongVariable = (line: number, why: string): Error =>
  failure({
    code: 'wrong-url-query',
    message: `line ${line} of the environment variable ${QUERY_VARIABLE}: ${why}`,
    hint: "a line is the beginning of URLs, a space, and their query: 'https://host/container/ sv=…&sig=…'",
  });

/** A URL without its query, as stored and shown. */
export interface WebName {
  uri: string;
  /** Without the question mark; undefined if there is none. */
  query?: string;
}

/** A URL before its query, user and fragment, for messages about what cannot be read further. */
const beforeSecrets = (text: string): string => {
  const [, scheme = '', rest = ''] = /^([a-z]+:\/\/)?([^?#]*)/i.exec(text) ?? [];
  return `${scheme}${rest.replace(/^[^/]*@/, '')}`;
};

function wrongUrl(text: string, code: string, why: string, hint: string): Error {
  return failure({ code, message: `${shownPath(beforeSecrets(text))}: ${why}`, hint });
}

/** Reads a URL of a command line or list. Throws (exit 3) if it is refused; no message has its query. */
export function webName(text: string): WebName {
  if (!URL.canParse(text)) throw wrongUrl(text, 'wrong-url', 'this is no URL', 'check the spelling');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw wrongUrl(
      text,
      'url-with-password',
      'a URL with a user or password is refused',
      'sign the URL by a query, which is never stored',
    );
  const { search } = url;
  url.search = '';
  url.hash = '';
  if (url.protocol === 'http:' && !isOfThisMachine(url))
    throw wrongUrl(text, 'url-not-encrypted', 'http:// is for this machine alone', 'use https://');
  return { uri: url.href, ...(search === '' ? {} : { query: search.slice(1) }) };
}

const isOfThisMachine = ({ hostname }: URL): boolean =>
  /^(?:localhost|(?:.*\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);

/** The queries that sign URLs: in memory alone, and in no message. */
export class UrlQueries {
  readonly #own = new Map<string, string>();
  readonly #prefixes: readonly (WebName & { query: string })[];

  /** `variable`: value of {@link QUERY_VARIABLE}. Throws `wrong-url-query` (exit 3). */
  constructor(variable: string | undefined = process.env[QUERY_VARIABLE]) {
    this.#prefixes = (variable ?? '').split('\n').flatMap((line, i) => {
      if (line.trim() === '') return [];
      const [, prefix = '', query = ''] = /^(\S+)\s+\??(\S+)\s*$/.exec(line) ?? [];
      if (query === '') throw wrongVariable(i + 1, 'it is not a prefix and a query');
      const name = prefixName(prefix, i + 1);
      return [{ uri: name.uri, query }];
    });
  }

  /** Keeps the query of one URL for the run. Throws `too-many-signed-urls` (exit 3). */
  keep({ uri, query }: WebName): void {
    if (query === undefined) return;
    if (this.#own.size >= MOST_SIGNED && !this.#own.has(uri))
      throw failure({
        code: 'too-many-signed-urls',
        message: `more than ${MOST_SIGNED} URLs have queries of their own, which are held in memory`,
        hint: `split the list, or sign a common prefix by ${QUERY_VARIABLE}`,
      });
    this.#own.set(uri, query);
  }

  /** The URL that is asked for. */
  signed(uri: string): URL {
    const url = new URL(uri);
    const query = this.#own.get(uri) ?? this.#prefixes.find((each) => uri.startsWith(each.uri))?.query;
    if (query !== undefined) url.search = query;
    return url;
  }

  forget(): void {
    this.#own.clear();
  }
}

/** A prefix has a host and a path that begins: a query never goes to a host whose name is longer. */
function prefixName(prefix: string, line: number): WebName {
  try {
    return webName(prefix);
  } catch {
    throw wrongVariable(line, 'its prefix is no https:// URL without a user');
  }
}
