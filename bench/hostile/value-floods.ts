import type { Flood } from './floods.js';
import { BASE62, distinct, randomFrom, seeded, text, wide, word } from './pieces.js';

/** Names, values and passwords without end: alone, beside each other, and each with a secret of its own. */
export const valueFloods: readonly Flood[] = [
  { name: 'names without a value', counts: false, pieces: text('token secret_key apiKey PASSWORD ') },
  { name: 'names and signs without a value', counts: false, pieces: text("secret=\"token: 'key' => ") },
  { name: 'values without a name', counts: false, pieces: seeded((random) => `${value(random)} `) },
  { name: 'names of services', counts: false, pieces: text('stripe twilio datadog sentry github aws ') },
  {
    name: 'names of services beside values',
    pieces: seeded((random) => `stripe ${value(random)} twilio `),
  },
  {
    name: 'names in sentences beside values',
    pieces: seeded((random) => `the token is not the ${value(random)} of this key. `),
  },
  { name: 'one named value', counts: true, pieces: text(`JWT_SECRET=${value(randomFrom(7))}\n`) },
  { name: 'one named value in UTF-16', counts: true, pieces: wide(`JWT_SECRET=${value(randomFrom(7))}\n`) },
  {
    name: 'distinct named values',
    counts: true,
    pieces: seeded((random) => `JWT_SECRET=${value(random)}\n`),
  },
  {
    name: 'distinct named values in UTF-16',
    counts: true,
    pieces: seeded((random) => Buffer.from(`JWT_SECRET=${value(random)}\n`, 'utf16le')),
  },
  {
    name: 'distinct named values without a gap',
    pieces: seeded((random) => `secret=${value(random)}&`),
  },
  {
    name: 'values of 64 KiB with a name',
    pieces: seeded((random) => `token=${word(random, 65_536, BASE62)}\n`),
  },
  { name: 'pass repeated', counts: false, pieces: text('pass') },
  { name: '://a:b@ repeated', pieces: text('://a:b@') },
  { name: 'names of passwords and signs', counts: false, pieces: text('password=\'\' pwd: "" ') },
  { name: 'one password', pieces: text('DB_PASSWORD=tr0ub4dor&3\n') },
  {
    name: 'distinct passwords',
    pieces: seeded((random) => `DB_PASSWORD=${word(random, 9, BASE62)}1\0`),
  },
  {
    name: 'distinct passwords in URLs',
    pieces: seeded((random) => `postgres://u:${word(random, 11, BASE62)}@db/x `),
  },
  {
    name: 'distinct basic credentials',
    pieces: seeded((random) => {
      const pair = Buffer.from(`u:${word(random, 12, BASE62)}`).toString('base64');
      return `Authorization: Basic ${pair}\r\n`;
    }),
  },
  {
    name: 'distinct session cookies',
    pieces: seeded((random) => `sessionid=${session(random)}\r\n`),
  },
  {
    name: 'distinct session cookies, each with a secret',
    pieces: seeded((random) => `SECRET_KEY=${value(random)}\nsessionid=${session(random)}\r\n`),
  },
  { name: 'distinct .pgpass lines', pieces: distinct((i) => `h${i}:5432:*:user:pa55word${i}x\n`) },
];

function value(random: () => number): string {
  return word(random, 40, BASE62);
}

/** The form of Django. */
function session(random: () => number): string {
  const payload = Buffer.from(`{"user":${random()}}`).toString('base64url');
  return `${payload}:${word(random, 6, BASE62)}:${word(random, 43, BASE62)}`;
}
