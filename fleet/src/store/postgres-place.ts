import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ClientConfig } from 'pg';
import { failure } from '../host.js';

/** Where a server is, and how to get there. A password comes from PGPASSFILE, PGPASSWORD or a service. */
export interface PostgresPlace {
  config: ClientConfig;
  /** As shown. */
  shown: string;
}

type Settings = Readonly<Record<string, string | undefined>>;

const refused = (message: string, hint: string) => failure({ code: 'store-refused', message, hint });

/** Names of libpq that a URL or a service may set, and their variables. */
const VARIABLES = {
  host: 'PGHOST',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  application_name: 'PGAPPNAME',
  connect_timeout: 'PGCONNECT_TIMEOUT',
} as const;
const NAMES = new Set<string>([...Object.keys(VARIABLES), 'password', 'service']);

/** Where no connection leaves the machine. */
const isLocal = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** Settings of a section of pg_service.conf. */
function serviceSettings(name: string, env: Settings): Settings {
  const files = [env.PGSERVICEFILE ?? join(env.HOME ?? homedir(), '.pg_service.conf')];
  if (env.PGSYSCONFDIR !== undefined) files.push(join(env.PGSYSCONFDIR, 'pg_service.conf'));
  files.push('/etc/postgresql-common/pg_service.conf');
  for (const file of files) {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      continue;
    }
    let isInside = false;
    let isFound = false;
    const settings: Record<string, string> = {};
    for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
      const section = /^\[(.*)\]$/.exec(line)?.[1];
      if (section !== undefined) isInside = section === name;
      isFound ||= isInside;
      const [, key, value] = /^([^#=\s]+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (isInside && key !== undefined && NAMES.has(key)) settings[key] = value!;
    }
    if (isFound) return settings;
  }
  throw refused(`there is no service ${name}`, 'services are in ~/.pg_service.conf or PGSERVICEFILE');
}

/**
 * A cut network closes no connection. The system gives up an idle one after two hours, and one with an
 * unanswered request after fifteen minutes: both are too late for a worker.
 *
 * Milliseconds that a connection is idle before TCP keepalive probes are sent.
 */
const PROBED_AFTER = 10_000;
/** Milliseconds in which the server must answer a statement. */
const LONGEST_STATEMENT = 120_000;

const NO_HOST = 'no-host.dumpsieve.invalid';

const SCHEME = /^postgres(?:ql)?:/i;
/** A host with a port, or none: what follows has no user. */
const WITHOUT_USER = /^(?:[^:@/?#]*(?::\d*)?|\[[^\]]*\](?::\d*)?)(?:[/?#]|$)/;
/** Settings that hold a secret. */
const SECRET_SETTING = /pass|secret|token/i;

/** A password may have characters that are not escaped: what is between a colon and an @ counts as one. */
function hasPassword(text: string): boolean {
  const rest = text.replace(SCHEME, '').replace(/^\/\//, '');
  if (!WITHOUT_USER.test(rest) && /:.*@/.test(rest)) return true;
  const [, query = ''] = /\?(.*)$/.exec(rest) ?? [];
  return [...new URLSearchParams(query).keys()].some((name) => SECRET_SETTING.test(name));
}

/** Settings of a URL `postgres://[user@][host][:port][/database][?name=value]`. */
function urlSettings(text: string): Record<string, string> {
  if (hasPassword(text))
    throw failure({
      code: 'store-password',
      message: 'the URL of a store has no password in it',
      hint:
        'lists of processes and logs show it: put it into the file of PGPASSFILE (mode 0600), or name a ' +
        'service by PGSERVICE',
    });
  let url: URL;
  try {
    // A URL of these schemes may have a user and no host, which is no URL by the standard.
    url = new URL(text.replace(SCHEME, 'postgres:').replace('@/', `@${NO_HOST}/`));
  } catch {
    throw refused('the address of the store is not a URL', 'postgres://user@host/database');
  }
  const settings: Record<string, string> = {};
  const decoded = (part: string) => decodeURIComponent(part);
  if (url.hostname !== '' && url.hostname !== NO_HOST)
    settings.host = decoded(url.hostname).replace(/^\[(.*)\]$/, '$1');
  if (url.port !== '') settings.port = url.port;
  if (url.username !== '') settings.user = decoded(url.username);
  if (url.pathname.length > 1) settings.dbname = decoded(url.pathname.slice(1));
  for (const [name, value] of url.searchParams) {
    if (!NAMES.has(name))
      throw refused(
        `the address of the store has the unknown setting ${name}`,
        `known: ${[...NAMES].join(', ')}`,
      );
    settings[name] = value;
  }
  return settings;
}

function readGiven(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw refused(`${name} ${file} cannot be read: ${(error as Error).message}`, 'name a PEM file');
  }
}

/** The server's certificate is checked, with its name, unless the connection stays on this machine. */
function tlsOf(host: string, settings: Settings): ClientConfig['ssl'] {
  const mode = settings.sslmode;
  if (isLocal(host) && (mode === undefined || !mode.startsWith('verify-'))) return false;
  if (mode !== undefined && mode !== 'verify-full')
    throw refused(
      `sslmode=${mode} does not check who ${host} is`,
      'use verify-full, with sslrootcert for an authority of your own',
    );
  const { sslrootcert, sslcert, sslkey } = settings;
  const ca = sslrootcert === undefined || sslrootcert === 'system' ? undefined : sslrootcert;
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca: readGiven('sslrootcert', ca) }),
    ...(sslcert === undefined ? {} : { cert: readGiven('sslcert', sslcert) }),
    ...(sslkey === undefined ? {} : { key: readGiven('sslkey', sslkey) }),
  };
}

/** The URL first, then the service, then the variables of libpq. */
export function postgresPlace(text: string, env: Settings = process.env): PostgresPlace {
  const given = urlSettings(text);
  const service = given.service ?? env.PGSERVICE;
  const variables = Object.fromEntries(
    Object.entries(VARIABLES).flatMap(([name, variable]) => {
      const value = env[variable];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const named = service === undefined ? {} : serviceSettings(service, env);
  const settings: Settings = { ...variables, ...named, ...given };
  const host = settings.host ?? 'localhost';
  const { user, dbname, port } = settings;
  const seconds = Number(settings.connect_timeout ?? 10);
  const config: ClientConfig = {
    host,
    ssl: tlsOf(host, settings),
    application_name: settings.application_name ?? 'dumpsieve',
    keepAlive: true,
    keepAliveInitialDelayMillis: PROBED_AFTER,
    query_timeout: LONGEST_STATEMENT,
    connectionTimeoutMillis: (Number.isFinite(seconds) && seconds > 0 ? seconds : 10) * 1000,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(user === undefined ? {} : { user }),
    ...(dbname === undefined ? {} : { database: dbname }),
    ...(settings.password === undefined ? {} : { password: settings.password }),
  };
  const by = user === undefined ? '' : `${encodeURIComponent(user)}@`;
  const name = host.includes(':') ? `[${host}]` : host.startsWith('/') ? encodeURIComponent(host) : host;
  const at = `${name}${port === undefined ? '' : `:${port}`}`;
  return { config, shown: `postgres://${by}${at}/${dbname ?? ''}` };
}
