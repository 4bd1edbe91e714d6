import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planted, plantedValues, type Way, type WaysDump } from './ways.js';

const UTF16 = 'utf16be';
const link = (way: string, name: string, form: Way['form'] = 'text'): Way => ({
  way,
  name,
  form,
  group: 'link',
});
const none = (way: string, name: string): Way => ({ way, name, form: 'text', group: 'none' });
const decoy = (way: string, name: string): Way => ({ way, name, form: 'text', group: 'decoy' });

/** The variable of the environment comes last: its value is none of a line. */
const VARIABLE = 'GATEWAY_API_SECRET';

/** Ways in the order in which Ways.java reads their values. */
export const JAVA_WAYS: readonly Way[] = [
  link('private field, inherited', 'jwtSecret'),
  link('field', 'refreshTokenSecret'),
  link('static field', 'ADMIN_PASSWORD'),
  link('record', 'apiSecret'),
  link('HashMap', 'spring.datasource.password'),
  link('LinkedHashMap', 'smtp_password'),
  link('ConcurrentHashMap', 'SESSION_SECRET'),
  link('Properties', 'db.password'),
  link('Hashtable', 'proxyPassword'),
  link('TreeMap', 'redis-password'),
  link('ConcurrentSkipListMap', 'runner_token'),
  link('IdentityHashMap', 'signing_secret'),
  link('WeakHashMap', 'cookie_password'),
  link('HashMap, key of an enum', 'MAIL_PASSWORD'),
  link('Map.of, one', 'oauth_client_secret'),
  link('Map.of, several', 'consumer_secret'),
  link('unmodifiableMap', 'ssh_password'),
  link('singletonMap', 'totp_secret'),
  link('SimpleEntry', 'mqtt_password'),
  link('Map.entry', 'ftp_password'),
  link('{name, value}', 'sentry_auth_token'),
  link('{key, val}', 'smb_password'),
  link('pairs in an array', 'kafka_password'),
  link('char[]', 'keystorePassword', UTF16),
  link('byte[] of text', 'sessionSecret'),
  link('byte[], raw', 'hmacSecret', 'raw'),
  link('BigInteger', 'signingSecret', 'raw'),
  link('Optional', 'accessToken'),
  link('AtomicReference', 'clientSecret'),
  link('StringBuilder', 'dbPassword'),
  link('StringBuffer', 'ldapPassword'),
  link('ArrayList', 'apiKeys'),
  link('List.of', 'refreshTokens'),
  link('ArrayDeque', 'cookieKeys'),
  link('CopyOnWriteArrayList', 'appKeys'),
  link('String[]', 'secretKeys'),
  link('wrapper', 'encryptionSecret'),
  link('lazy wrapper', 'cookieSecret'),
  link('SoftReference', 'webhookSecret'),
  link('WeakReference', 'botToken'),
  link('CompletableFuture', 'bearerToken'),
  link('ByteBuffer', 'masterSecret'),
  link('system property', 'app.mail.password'),
  link('EnumMap', 'MAIL_PASSWORD'),
  link('ThreadLocal', 'delegatedPassword'),
  none('captured argument', 'arg$1'),
  decoy('field', 'requestId'),
  decoy('field', 'etag'),
  decoy('field', 'sha256'),
  decoy('field', 'publicKey'),
  decoy('field', 'traceId'),
  decoy('field', 'cacheKey'),
  decoy('HashMap', 'etag'),
  decoy('HashMap', 'request.id'),
  decoy('Properties', 'artifact.sha256'),
  link('variable of the environment', VARIABLE),
];

/** Every JDK of this machine from 17 on, without duplicates, by version. */
export function jdks(): { version: string; home: string }[] {
  const folder = '/usr/lib/jvm';
  if (!existsSync(folder)) return [];
  const homes = new Set(readdirSync(folder).map((name) => realpathSync(join(folder, name))));
  return [...homes].flatMap((home) => {
    const release = join(home, 'release');
    if (!existsSync(release) || !existsSync(join(home, 'bin/javac'))) return [];
    const [, version = ''] = /JAVA_VERSION="([\d.]+)/.exec(readFileSync(release, 'utf8')) ?? [];
    return Number.parseInt(version, 10) >= 17 ? [{ version, home }] : [];
  });
}

const SOURCE = fileURLToPath(import.meta.url).replace(/([\\/])dist\1(.*)java-ways\.js$/, '$1$2Ways.java');

/** Runs the program in a JVM and has it dump its heap into `folder`. */
export function dumpWays(
  home: string,
  folder: string,
  seed: string,
  options: readonly string[] = [],
): WaysDump {
  const path = join(folder, 'ways.hprof');
  execFileSync(join(home, 'bin/javac'), ['-d', folder, SOURCE], { stdio: 'ignore' });
  const values = plantedValues(JAVA_WAYS, seed);
  execFileSync(join(home, 'bin/java'), ['-Xmx96m', ...options, '-cp', folder, 'Ways', path], {
    input: `${values.slice(0, -1).join('\n')}\n`,
    env: { PATH: process.env.PATH, [VARIABLE]: values.at(-1)! },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  return { path, planted: planted(readFileSync(path), JAVA_WAYS, values) };
}
