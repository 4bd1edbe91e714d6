import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { useHost } from '../../../fleet/src/host.js';
import { postgresPlace } from '../../../fleet/src/store/postgres-place.js';
import * as host from '../../../src/index.js';

let folder: string;
let ca: string;
let services: string;
beforeAll(() => {
  useHost(host);
  folder = mkdtempSync(join(tmpdir(), 'dumpsieve-place-'));
  ca = join(folder, 'ca.pem');
  writeFileSync(ca, 'an authority');
  services = join(folder, 'services');
  writeFileSync(
    services,
    '# ours\n[other]\nhost=other\n[hunt]\nhost = db.example\nport=6000\nuser=worker\ndbname=dumps\n' +
      'password=geheim\nunknown=1\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const VERIFIED = { rejectUnauthorized: true };

test.each<[string, string, object, string]>([
  [
    'a server',
    'postgres://ann@db.example:6000/dumps',
    { host: 'db.example', port: 6000, user: 'ann', database: 'dumps', ssl: VERIFIED },
    'postgres://ann@db.example:6000/dumps',
  ],
  [
    'the other scheme',
    'postgresql://db.example/dumps',
    { host: 'db.example', database: 'dumps', ssl: VERIFIED },
    'postgres://db.example/dumps',
  ],
  [
    'this machine',
    'postgres://localhost/dumps',
    { host: 'localhost', ssl: false },
    'postgres://localhost/dumps',
  ],
  [
    'this machine by address',
    'postgres://127.0.0.1/dumps',
    { host: '127.0.0.1', ssl: false },
    'postgres://127.0.0.1/dumps',
  ],
  [
    'this machine, by IPv6',
    'postgres://[::1]:6000/dumps',
    { host: '::1', port: 6000, ssl: false },
    'postgres://[::1]:6000/dumps',
  ],
  [
    'this machine with TLS',
    'postgres://localhost/dumps?sslmode=verify-full',
    { ssl: VERIFIED },
    'postgres://localhost/dumps',
  ],
  [
    'a name that begins alike',
    'postgres://127.0.0.1.example/dumps',
    { ssl: VERIFIED },
    'postgres://127.0.0.1.example/dumps',
  ],
  [
    'a socket',
    'postgres://ann@%2Frun%2Fpg/dumps',
    { host: '/run/pg', user: 'ann', ssl: false },
    'postgres://ann@%2Frun%2Fpg/dumps',
  ],
  [
    'a socket as a setting',
    'postgres://ann@/dumps?host=/run/pg',
    { host: '/run/pg', user: 'ann' },
    'postgres://ann@%2Frun%2Fpg/dumps',
  ],
  ['nothing', 'postgres:///', { host: 'localhost', ssl: false }, 'postgres://localhost/'],
  [
    'encoded names',
    'postgres://a%40b@localhost/d%20e',
    { user: 'a@b', database: 'd e' },
    'postgres://a%40b@localhost/d e',
  ],
])('%s', (_name, url, config, shown) => {
  const place = postgresPlace(url, {});
  expect(place.config).toMatchObject(config);
  expect(place.shown).toBe(shown);
  expect(place.config.password).toBeUndefined();
});

/** Made here: a whole URL with a password would be found in the repository. */
const withPassword = (password: string): string => `postgres://ann:${password}@db.example/dumps`;

test.each([
  withPassword('geheim'),
  withPassword('geheim').toUpperCase(),
  withPassword('p/geheim'),
  withPassword('p@geheim'),
  withPassword('p?geheim'),
  'postgres://:geheim@db.example/dumps',
  'postgres://ann@db.example/dumps?password=geheim',
  'postgres://ann@db.example/dumps?sslpassword=geheim',
])('%s has a password', (url) => {
  const error = thrownBy(url);
  expect(error).toMatchObject({ code: 'store-password', exit: 3 });
  expect(JSON.stringify({ ...error, text: String(error) })).not.toMatch(/geheim/i);
});

test.each([
  ['postgres:///dumps?host=/tmp/a:b@c', '/tmp/a:b@c'],
  ['postgres://localhost:5432/dumps?application_name=a:b@c', 'localhost'],
  ['POSTGRES://ann@%2Ftmp%2Fsocket/dumps', '/tmp/socket'],
])('%s has none', (url, host) => {
  expect(postgresPlace(url, {}).config.host).toBe(host);
});

/** What an address is refused with. */
function thrownBy(url: string): Error {
  try {
    postgresPlace(url, { PGSERVICEFILE: services });
  } catch (thrown) {
    return thrown as Error;
  }
  throw new Error('it is taken');
}

test.each([
  ['an unknown setting', 'postgres://db.example/dumps?options=-c%20x', 'unknown setting options'],
  ['no check of the certificate', 'postgres://db.example/dumps?sslmode=require', 'sslmode=require'],
  ['no TLS to another machine', 'postgres://db.example/dumps?sslmode=disable', 'sslmode=disable'],
  ['an authority that is missing', 'postgres://db.example/dumps?sslrootcert=/none', 'sslrootcert /none'],
  ['a service that is missing', 'postgres:///?service=none', 'no service none'],
  ['what is no URL', 'postgres://[/dumps', 'not a URL'],
])('%s is refused', (_name, url, message) => {
  expect(thrownBy(url)).toMatchObject({
    code: 'store-refused',
    exit: 3,
    message: expect.stringContaining(message),
  });
});

describe('settings of the environment', () => {
  test('a service has a password, which is not shown; the URL comes first', () => {
    const env = { PGSERVICEFILE: services, PGSERVICE: 'hunt', PGUSER: 'ann', PGSSLROOTCERT: ca };
    const { config, shown } = postgresPlace('postgres:///mine', env);
    expect(config).toMatchObject({
      host: 'db.example',
      port: 6000,
      user: 'worker',
      password: 'geheim',
      database: 'mine',
      ssl: { ...VERIFIED, ca: 'an authority' },
    });
    expect(shown).toBe('postgres://worker@db.example:6000/mine');
    expect(postgresPlace('postgres:///?service=other', env).config).toMatchObject({
      host: 'other',
      user: 'ann',
    });
  });

  test('variables of libpq', () => {
    const env = { PGHOST: 'db.example', PGPORT: '7', PGDATABASE: 'dumps', PGSSLMODE: 'prefer' };
    expect(() => postgresPlace('postgres:///', env)).toThrow('sslmode=prefer');
    expect(postgresPlace('postgres:///', { ...env, PGSSLMODE: 'verify-full' }).config).toMatchObject({
      host: 'db.example',
      port: 7,
      database: 'dumps',
    });
  });
});
