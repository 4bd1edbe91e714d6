import { describe, expect, test } from '@jest/globals';
import { loadBuiltin } from '../../../src/rules/builtin.js';
import type { Rule } from '../../../src/rules/types.js';
import { NameKernel } from '../../../src/sweep/value-filter.js';
import { compileTables, packTables, unpackTables } from '../../../src/sweep/values/tables.js';
import { type JoinedValue, ValueJoin } from '../../../src/sweep/values/value-join.js';
import { randomValue, rowsOf, runOf, seeded } from './rows.js';

const valueJoin = new ValueJoin();

const VALUE = randomValue('base62', 24, seeded(5));

const rules = loadBuiltin().filter(({ value }) => value?.type === 'name');
const tables = compileTables(rules);

interface Outcome extends JoinedValue {
  id: string;
  value: string;
}

/** Joins the value in a text, `¤` for its place. */
function joinIn(
  text: string,
  value = VALUE,
  among: readonly Rule[] = rules,
  its = tables,
): Outcome | undefined {
  const whole = text.replace('¤', value);
  const { start, end } = runOf(whole, value);
  const bytes = Buffer.from(whole, 'latin1');
  const joined = valueJoin.join(bytes, start, end, its);
  expect(valueJoin.joins(bytes, start, end - start, 1, its)).toBe(joined !== undefined);
  if (joined === undefined) return undefined;
  expect(new NameKernel(its).mayHaveName(bytes, start, 1)).toBe(true);
  return { ...joined, id: among[joined.rule]!.id, value: whole.slice(joined.start, joined.end) };
}

const named = (id: string) => `named-secret:${id}`;

describe('shapes', () => {
  test.each([
    ['an environment entry', '\0JWT_SECRET=¤\0', 'jwt-secret'],
    ['an environment entry', '\nJWT_SECRET=¤\n', 'jwt-secret'],
    ['an assignment', 'const jwtSecret = "¤";', 'jwt-secret'],
    ['an assignment', 'this.jwtSecret = "¤";', 'jwt-secret'],
    ['an assignment', 'jwt_secret := `¤`', 'jwt-secret'],
    ['an assignment', 'opts.jwtSecret || "¤"', 'jwt-secret'],
    ['an assignment', '{a=b, jwtSecret=¤, c=d}', 'jwt-secret'],
    ['an assignment', 'var jwtSecret string = "¤"', 'jwt-secret'],
    ['an assignment', 'jwtSecret: &str = "¤"', 'jwt-secret'],
    ['an assignment', 'char jwt_secret[] = "¤";', 'jwt-secret'],
    ['an assignment', '$jwtSecret .= "¤";', 'jwt-secret'],
    ['an assignment', 'map[jwtSecret:¤ a:b]', 'jwt-secret'],
    ['a header or a line of settings', 'x\njwt-secret: ¤\n', 'jwt-secret'],
    ['a header or a line of settings', "x\njwt.secret: b'¤'", 'jwt-secret'],
    ['a header or a line of settings', 'x\r\nX-Auth-Token: ¤\r\n', 'auth-token'],
    ['a header or a line of settings', 'x\r\nAuthorization: Bearer ¤\r\n', 'authorization'],
    ['a pair with a quoted name', '{"jwtSecret":"¤"}', 'jwt-secret'],
    ['a pair with a quoted name', '{"jwtSecret" : "¤"}', 'jwt-secret'],
    ['a pair with a quoted name', '{\\"jwtSecret\\":\\"¤\\"}', 'jwt-secret'],
    ['a pair with a quoted name', '{\\\\\\"jwtSecret\\\\\\":\\\\\\"¤\\\\\\"}', 'jwt-secret'],
    ['a pair with a quoted name', '\\u0022jwtSecret\\u0022:\\u0022¤\\u0022', 'jwt-secret'],
    ['a pair with a quoted name', "{'jwtSecret': '¤'}", 'jwt-secret'],
    ['a pair with a quoted name', "{'jwtSecret' => '¤'}", 'jwt-secret'],
    ['a pair with a quoted name', 'os.environ["JWT_SECRET"] = "¤"', 'jwt-secret'],
    ['a pair with a quoted name', '{"Authorization": "Bearer ¤"}', 'authorization'],
    ['a query string', 'https://x.example/a?access_token=¤&b', 'access-token'],
    ['a query string', 'https://x.example/a?b=1&amp;access_token=¤', 'access-token'],
    ['a query string', 'url=x%3Fb%3D1%26access_token%3D¤', 'access-token'],
    ['a connection string', 'AccountName=a;AccountKey=¤==;End', 'account-key'],
    ['a connection string', 'Endpoint=sb://a/;SharedAccessKey=¤=', 'shared-access-key'],
    ['a command-line option', 'run --api-token=¤', 'api-token'],
    ['a command-line option', 'run --api-token ¤ x', 'api-token'],
    ['a command-line option', 'java -DjwtSecret=¤ -jar a.jar', 'jwt-secret'],
    ['a command-line option', 'java\0-Dacme.jwt.secret=¤\0-jar', 'jwt-secret'],
    ['a call', 'client.setApiToken("¤")', 'api-token'],
    ['a call', 'set("api_token", "¤")', 'api-token'],
    ['an XML element', '<apiToken>¤</apiToken>', 'api-token'],
    ['an XML element', '<apiToken kind="a">\n  ¤\n</apiToken>', 'api-token'],
    ['an XML element', '<apiToken><![CDATA[¤]]></apiToken>', 'api-token'],
    ['an XML element', '<key>apiToken</key>\n\t<string>¤</string>', 'api-token'],
    ['an XML element', '<entry key="api.token">¤</entry>', 'api-token'],
    ['a name beside its value', '<add key="ApiToken" value="¤" />', 'api-token'],
    ['a name beside its value', '{"name": "API_TOKEN", "value": "¤"}', 'api-token'],
    ['a name beside its value', '{Name:API_TOKEN Value:¤}', 'api-token'],
    ['a name beside its value', '- name: API_TOKEN\n  value: ¤', 'api-token'],
    ['an authorization scheme', 'sent bearer ¤', 'bearer'],
    ['the word before it', '#define API_TOKEN "¤"', 'api-token'],
    ['the word before it', 'the api token is ¤.', 'api-token'],
    ['the word before it', '#define IO_KEY "¤"', 'key'],
    ['an assignment', 'acme token - ¤', 'token'],
    ['the word before it', "IDENTIFIED BY '¤'", 'identified-by'],
    ['the user information of a URL', 'https://token:¤@host.example/', 'token'],
  ])('%s: %j', (shape, text, id) => {
    const found = joinIn(text);
    expect(found).toMatchObject({ id: named(id), shape, confidence: 'medium' });
    expect(found!.value.startsWith(VALUE)).toBe(true);
  });

  test('a name in another shape, or at some distance, is low', () => {
    expect(joinIn('api token\n¤')).toMatchObject({ id: named('api-token'), confidence: 'low' });
    expect(joinIn('api_token [x; y] ¤')).toMatchObject({ confidence: 'low', shape: 'the text before it' });
  });

  test.each(["['api_token = ', '¤', 'x']", "['api_token=7a', '¤']"])(
    'a text that goes on is low: %s',
    (text) => {
      expect(joinIn(text)).toMatchObject({ confidence: 'low', shape: 'the text before it in a list' });
    },
  );

  const [sum, fingerprint] = [
    randomValue('hex', 32, seeded(3)),
    randomValue('hex', 40, seeded(3)).toUpperCase(),
  ];

  test.each([
    ['a checksum behind a path', ' /etc/pam.d/passwd ¤\n', sum],
    ['a checksum below a path', 'usr/share/doc/passwd/TODO.gz\n¤  usr/x', sum],
    ['a checksum below the path of a token', 'src/token.rs\n¤  src/tt.rs', sum],
    ['a fingerprint', '* Add new upstream signing key ¤ to', fingerprint],
    ['a key ID', 'signing-key.asc: update key to ¤', fingerprint.slice(-16)],
    ['a key ID of AWS', 'aws_secret="¤"', `AKIA${fingerprint.slice(-16)}`],
  ])('no join: %s', (_what, text, value) => {
    expect(joinIn(text, value)).toBeUndefined();
  });

  test.each([
    ['hex beside its name', 'passwd: ¤', sum],
    ['hex of a URL', 'https://a.example/token?token=¤', sum],
    ['hex in capitals', 'api_token = "¤"', fingerprint],
  ])('a join: %s', (_what, text, value) => {
    expect(joinIn(text, value)).toMatchObject({ confidence: 'medium', value });
  });

  test.each([
    ['nothing before it', '¤'],
    ['a name beyond NUL', 'JWT_SECRET\0¤'],
    ['a name too far away', `jwt_secret ${'. '.repeat(20)}¤`],
    ['a header of PEM', '-----BEGIN PRIVATE KEY-----\n¤'],
    ['another name', 'color=¤'],
    ['a header of PEM in source code', '"-----BEGIN EC PRIVATE KEY-----\\n"\n    "¤'],
    ['an argument of a type', 'Result<client::TokenStream>¤'],
    ['a line of random text', 'imKHydOHh1x4bEQ8c4j7PZ3Sx9Psecret\n¤'],
    ['a digest', 'secret: "sha512-¤"'],
    ['a JSON Web Token', 'token=eyJ¤.eyJ'],
    ['a word of a sentence', 'Build time kernel key: ¤'],
    ['a scheme in a sentence', 'we add the key ¤'],
  ])('no join: %s', (_what, text) => {
    expect(joinIn(text)).toBeUndefined();
  });
});

describe('names', () => {
  const STYLES = (words: string[]): string[] => [
    words.join('_').toUpperCase(),
    words.join('_'),
    words.join('-'),
    words.join('.'),
    words.join(''),
    words.map((word, i) => (i === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join(''),
  ];

  test('every row is found by its name in every style', () => {
    const missed: string[] = [];
    for (const rule of rules) {
      const { words } = rule.value as { words: string[] };
      for (const name of STYLES(words)) {
        const text = Buffer.from(`\0${name}=${VALUE}\0`);
        const start = name.length + 2;
        const found = valueJoin.join(text, start, start + VALUE.length, tables);
        if (found?.confidence !== 'medium' || rules[found.rule] !== rule)
          missed.push(`${name}: ${found?.name}`);
      }
    }
    expect(missed).toEqual([]);
  });

  test.each([
    ['MYAPP_PROD_JWT_SECRET', 'jwt-secret'],
    ['JWT_SECRET_PROD', 'jwt-secret'],
    ['JWT_SECRET_2', 'jwt-secret'],
    ['SUPABASE_JWT_SECRET', 'supabase-jwt-secret'],
    ['spring.security.oauth2.client.registration.x.client-secret', 'client-secret'],
    ['play.http.secret.key', 'http-secret-key'],
    ['validationKey', 'validation-key'],
    ['NONCE_SALT', 'nonce-salt'],
    ['AccountKey', 'account-key'],
    ['githubToken', 'token'],
    ['x-key', 'key'],
    ['acmeapikey', 'api-key'],
    ['MYTOKEN', 'token'],
  ])('%s', (name, id) => {
    expect(joinIn(`\0${name}=¤\0`)?.id).toBe(named(id));
  });

  test.each([
    ...[
      'client_id',
      'csrftoken',
      'apiKeyId',
      'publicKeyToken',
      'token_type',
      'csrfToken',
      'secret_name',
      'keyHash',
    ],
    ...[
      'nextPageToken',
      'tokenExpiresAt_ttl',
      'secretFile',
      'token_url',
      'integrity',
      'sortKey',
      'image_token',
    ],
  ])('negative: %s', (name) => {
    expect(joinIn(`{"${name}": "¤"}`)).toBeUndefined();
  });

  test('a negative name directly before a value vetoes others near it', () => {
    expect(joinIn('token, sha: ¤')).toBeUndefined();
  });
});

describe('the extent of a value', () => {
  test.each([
    ['\0TOKEN=a.¤~b!c@d\0', `a.${VALUE}~b!c@d`],
    ['"token": "123456:¤"', `123456:${VALUE}`],
    ['"token": "ab=¤"', `ab=${VALUE}`],
    ['"token": "2/12/34:¤"', `2/12/34:${VALUE}`],
    ['SECRET_KEY = "a(b&c=d¤)e&f"', `a(b&c=d${VALUE})e&f`],
    ['\0SECRET_KEY=a(b&c=d¤)e&f\0', `a(b&c=d${VALUE})e&f`],
    ['f(token=¤)', VALUE],
    ['token = "a[¤];b<c>"', `a[${VALUE}];b<c>`],
    ['{\\"token\\":\\"¤\\"}', VALUE],
    ['\0TELEGRAM_TOKEN=123456:¤\0', `123456:${VALUE}`],
    ['\0APP_KEY=base64:¤=\0', `base64:${VALUE}=`],
    ['token = "a$b?¤#c*"', `a$b?${VALUE}#c*`],
    ['token: ¤. Next', VALUE],
    ['the token is ¤, then', VALUE],
    ['?token=¤#frag', VALUE],
  ])('%j', (text, value) => {
    expect(joinIn(text)?.value).toBe(value);
  });
});

describe('services', () => {
  const rows = rowsOf(`
- {name: api key, severity: medium, impact: x}
- {service: acme, names: [acme, acme cloud], values: [{class: hex, length: [32, 40]}], impact: x}
- {service: acme-cloud, names: [acme cloud], values: [{class: base62, length: [20-24]}], impact: x}
- {service: file-io, names: [file io], values: [{class: uuid}], impact: x}
- {service: odd, names: [odd], values: [{pattern: '[a-z]{4}\\.[A-Za-z0-9]{24}'}], impact: x}
`);
  const its = compileTables(rows);
  const hex = randomValue('hex', 32, seeded(1));
  const uuid = randomValue('uuid', 36, seeded(2));
  const join = (text: string, value: string) => joinIn(text, value, rows, its);

  test.each([
    ['directly', 'ACME_KEY=¤', hex, 'service:acme', 'medium'],
    ['the longest name whose form it has', 'ACME_CLOUD_KEY=¤', VALUE, 'service:acme-cloud', 'medium'],
    ['another form of a shared name', 'ACME_CLOUD_KEY=¤', hex, 'service:acme', 'medium'],
    ['a generic name between', 'https://acme.example\napi_key: ¤', hex, 'service:acme', 'medium'],
    ['before a generic name of another length', 'acme\napi_key: ¤', VALUE, 'named-secret:api-key', 'medium'],
    ['near', 'see acme at x: ¤', hex, 'service:acme', 'low'],
    ['near, over NUL, with a generic name', 'ACME_API_KEY\0\x01\0¤', hex, 'service:acme', 'low'],
    ['a negative word in its name', 'FILE_IO=¤', uuid, 'service:file-io', 'medium'],
    ['a pattern of the whole value', 'odd_a="¤"', `abcd.${VALUE}`, 'service:odd', 'medium'],
  ])('%s', (_what, text, value, id, confidence) => {
    expect(join(text, value)).toMatchObject({ id, confidence, value });
  });

  test.each([
    ['another length', 'acme: ¤', hex.slice(1)],
    ['near, over NUL', 'acme\0¤', hex],
    ['a digest', 'acme: 0 ¤', randomValue('hex', 40, seeded(4))],
    ['hex on a line of its own', 'acme x\n0 ¤', hex],
    ['too far away', `acme ${'- '.repeat(50)}¤`, hex],
    ['a negative name', 'acme sha: ¤', hex],
  ])('not: %s', (_what, text, value) => {
    expect(join(text, value)).toBeUndefined();
  });

  test('the caller tests patterns', () => {
    const text = Buffer.from(`odd="abcd.${VALUE}"`);
    const seen: unknown[] = [];
    const start = text.indexOf(VALUE);
    const accepts = (...all: number[]) => seen.push(all) < 0;
    expect(valueJoin.join(text, start, start + VALUE.length, its, accepts)).toBeUndefined();
    expect(seen[0]).toEqual([4, 0, start - 5, start + VALUE.length]);
  });
});

test('tables survive packing, in shared memory too', () => {
  const packed = packTables(rules);
  const shared = new Uint8Array(new SharedArrayBuffer(packed.length));
  shared.set(packed);
  expect(unpackTables(shared)).toEqual(tables);
  expect(unpackTables(packTables([]))).toEqual(compileTables([]));
  expect(
    valueJoin.joins(Buffer.from(`\0JWT_SECRET=${VALUE}\0`), 12, VALUE.length, 1, unpackTables(shared)),
  ).toBe(true);
});
