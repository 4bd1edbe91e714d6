import { describe, expect, test } from '@jest/globals';
import type { SecretCandidate } from '../../src/detect/core/types.js';
import { levelOf, type PasswordPlace } from '../../src/detect/password/levels.js';
import { isPasswordName, wordsOf } from '../../src/detect/password/named.js';
import { compileNet } from '../../src/detect/rulebook/compile-net.js';
import { scanBytes } from '../../src/detect/rulebook/scan-bytes.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import { compileRules } from '../../src/rules/compile.js';
import fc from '../support/property.js';

const rules = compileRules(loadBuiltin().filter(({ detector }) => detector === 'password'));
const book = { rules, net: compileNet(rules) };
const scan = (text: string, encoding: BufferEncoding = 'latin1'): SecretCandidate[] =>
  scanBytes(Buffer.from(text, encoding), book);
const grades = (found: readonly SecretCandidate[]): string[] =>
  found.map(({ rule, confidence, secret }) => {
    const text = Buffer.from(secret.reveal()).toString('latin1');
    return `${rule.id} ${confidence} ${text}`;
  });

/** No complete password is in a line of this file. */
const SECRET = ['vT4kq', 'Wm92x'].join('');
const WORD = ['sun', 'flower'].join('');
const basic = (text: string): string => Buffer.from(text).toString('base64');

const ENV = 'password-in-environment';
const TEXT = 'password-in-text';
const DATABASE = 'database-url-password';
const URL = 'url-password';

describe('the password detector', () => {
  test.each([
    // The environment of a process, and files of variables
    [`\0DB_PASSWORD=${SECRET}\0`, ENV, 'medium'],
    [`\0DB_PASSWORD=${WORD}\0`, ENV, 'medium'],
    [`\0REDIS_PASS=${SECRET} with blanks\0`, ENV, 'medium'],
    [`\0MYSQL_PWD=${SECRET}\0`, ENV, 'medium'],
    [`\0DB_PASSWORD=password\0`, ENV, 'low'],
    [`\nexport DB_PASSWORD='${SECRET}'\n`, ENV, 'medium'],
    [`\nDB_PASSWORD=${WORD}\n`, ENV, 'low'],
    // Shapes of text
    [`{"password":"${SECRET}"}`, TEXT, 'medium'],
    [`{"password":"${WORD}"}`, TEXT, 'low'],
    [`{\\"password\\":\\"${SECRET}\\"}`, TEXT, 'medium'],
    [`spring.datasource.password=${SECRET}\n`, TEXT, 'medium'],
    [`\n  password: ${SECRET}\n`, TEXT, 'medium'],
    [`\npassword = ${SECRET}\n`, TEXT, 'medium'],
    [`$config['db']['password'] = '${SECRET}';`, TEXT, 'medium'],
    [`:password=>"${SECRET}"`, TEXT, 'medium'],
    [`Server=db;Uid=app;Pwd=${SECRET};`, TEXT, 'medium'],
    [`Password=${SECRET};User ID=app`, TEXT, 'medium'],
    [`/login?user=app&password=${SECRET}&x=1`, TEXT, 'medium'],
    [`password=${SECRET}&user=app`, TEXT, 'medium'],
    [`app --password=${SECRET} -v`, TEXT, 'medium'],
    [`app\0--password\0${SECRET}\0`, TEXT, 'medium'],
    [`<password>${SECRET}</password>`, TEXT, 'medium'],
    [`<property name="password">${SECRET}</property>`, TEXT, 'medium'],
    [`<add key="DbPassword" value="${SECRET}"/>`, TEXT, 'medium'],
    [`put("password", "${SECRET}")`, TEXT, 'medium'],
    [`{user=app, password=${SECRET}}`, TEXT, 'medium'],
    [`\nrequirepass ${SECRET}\n`, TEXT, 'medium'],
    [`machine ftp.acme.tld\n  login app\n  password ${SECRET}\n`, TEXT, 'medium'],
    [`ALTER USER app PASSWORD '${SECRET}'`, TEXT, 'medium'],
    // Names apart from their values
    [`[{"name": "DB_PASSWORD", "value": "${SECRET}"}]`, TEXT, 'medium'],
    [`{\\"name\\":\\"DB_PASSWORD\\",\\"value\\":\\"${SECRET}\\"}`, TEXT, 'medium'],
    [`\n- name: DB_PASSWORD\n  value: ${SECRET}\n`, TEXT, 'medium'],
    [`\n- name: "DB_PASSWORD"\n  value: '${SECRET}'\n`, TEXT, 'medium'],
    [`<key>db_password</key>\n  <value>${SECRET}</value>`, TEXT, 'medium'],
    [`<key>Password</key><string>${WORD}</string>`, TEXT, 'low'],
    [`The password is "${SECRET}".`, TEXT, 'medium'],
    // Connection strings
    [`"Server=db;User Id=app;Password=${SECRET}!"`, TEXT, 'medium'],
    [`"host=db user=app password=${SECRET} dbname=app"`, TEXT, 'medium'],
    [`"password=${SECRET} host=db"`, TEXT, 'medium'],
    // Command lines
    [`curl -u app:${SECRET} https://acme.tld/`, TEXT, 'medium'],
    [`curl -s --user "app:${SECRET}!" https://acme.tld/`, TEXT, 'medium'],
    [`{"cmd":"curl -u \\"app:${SECRET}\\" https://acme.tld/"}`, TEXT, 'medium'],
    [`curl -X PUT --user=app:'${SECRET}' https://acme.tld/`, TEXT, 'medium'],
    [`curl -k \\\n  --proxy-user ':${SECRET}' \\\n  https://acme.tld/`, TEXT, 'medium'],
    [`/usr/bin/curl\0-s\0--user\0app:${SECRET}\0`, TEXT, 'medium'],
    [`curl\0-u\0app:${SECRET}\0`, TEXT, 'medium'],
    ['curl -u admin:admin https://acme.tld/', TEXT, 'low'],
    // Arguments of calls
    [`new NetworkCredential("app", "${SECRET}")`, TEXT, 'medium'],
    [`new NetworkCredential(name, "${WORD}", domain)`, TEXT, 'low'],
    [`DBI->connect("dbi:mysql:database=app", "app",\n    "${SECRET}")`, TEXT, 'medium'],
    [`mysqli_connect('db', 'app', '${SECRET}', 'app')`, TEXT, 'medium'],
    [`req.SetBasicAuth("app", "${SECRET}")`, TEXT, 'medium'],
    // URLs of any scheme
    [`postgres://app:${WORD}@db.internal/app`, DATABASE, 'medium'],
    [`REDISS://:${SECRET}@cache:6379`, DATABASE, 'medium'],
    [`postgres://app:${SECRET}@db.example.com/app`, DATABASE, 'low'],
    ['postgres://app:app@db.internal/app', DATABASE, 'low'],
    // The syntax of a URL in a program's help
    ['[http://]proxy-user:proxy-password@proxy-host:proxy-port[/]', URL, 'low'],
    [`[http://]joe:${SECRET}@proxy[:port]`, URL, 'low'],
    [`{http://}joe:${SECRET}@proxy`, URL, 'low'],
    ['postgres://dbuser:dbpass@pg/app', DATABASE, 'low'],
    ['ftp://my_login:my_pwd@files', URL, 'low'],
    [`https://app-user:app-${WORD}@acme.tld/`, URL, 'medium'],
    [`http://dbuser:mypass${SECRET}@acme.tld/`, URL, 'medium'],
    [`http://joe:${SECRET}@[2001:db8::1]/`, URL, 'medium'],
    [`smtps://mailer:${SECRET}@mail.acme.tld`, URL, 'medium'],
  ])('%j: %s, %s', (text, rule, confidence) => {
    const [found, ...more] = scan(text);
    expect([found?.rule.id, found?.confidence, more.length]).toEqual([rule, confidence, 0]);
    // In UTF-16, where a NUL between two arguments may be any other character.
    if (/\0-/.test(text)) return;
    const units = Buffer.concat([Buffer.alloc(2), Buffer.from(text, 'utf16le'), Buffer.alloc(2)]);
    expect(grades(scanBytes(units, book))).toEqual(grades([found!]));
    expect(grades(scanBytes(units.swap16(), book))).toEqual(grades([found!]));
  });

  test.each([
    ['Authorization: Basic ', basic(`app:${SECRET}`), 'medium'],
    ['Proxy-Authorization: basic ', basic(`app:${WORD}`), 'medium'],
    ['Authorization: Basic ', basic('app:password'), 'low'],
    ['{"auths":{"r.acme.tld":{"auth":"', basic(`app:${SECRET}`), 'medium'],
    ['//r.acme.tld/:_auth=', basic(`app:${SECRET}`), 'medium'],
    ['AUTH PLAIN ', basic(`\0app\0${SECRET}`), 'medium'],
  ])('%s and base64', (before, secret, confidence) => {
    expect(grades(scan(`${before}${secret}"\r\n`))).toEqual([`basic-credentials ${confidence} ${secret}`]);
  });

  test('the password of an anonymous user is none', () => {
    const [found] = scan(`https://anonymous:${WORD}@acme.tld/a`);
    expect(found).toMatchObject({ severity: 'info', confidence: 'low' });
  });

  test('a token in place of the user is the secret', () => {
    const found = scan(`https://${SECRET}${SECRET}:x-oauth-basic@git.acme.tld/a.git`);
    expect(grades(found)).toEqual([`${URL} medium ${SECRET}${SECRET}`]);
  });

  test.each([
    '\0PWD=/home/app1\0',
    '\0DB_PASSWORD_FILE=Secret1x\0',
    '\0DB_PASSWORD=$(OTHER1)\0',
    '\0SSH_ASKPASS=ksshaskpass5\0',
    '"passwordLength": "Twelve12"',
    '"bypass": "Always1x"',
    '"password": "Please enter the 2nd one"',
    '"password": "form.password1x"',
    '"minipass": "^3.1.6"',
    'password = getPassword1(user);',
    'password\0Secret1x\0',
    'passwd:x:1:1:root1A:/root',
    'https://acme.tld:8080/@scope1',
    'https://{user}:{password1}@acme.tld',
    'mysql://%s:%s@%s/',
    'basic authenticationscheme',
    'docker run -u app:Group1x image',
    'curl -u "$USER:$PASSWORD1x" https://acme.tld/',
    'curl -u https://acme.tld:8443/a1B2',
    'curl --useragent:Secret1x',
    'curl --location -users:Secret1x',
    'NetworkCredential(user, password1x)',
    'socket.connect("acme.tld", 8080, "Secret1x")',
    'The password is "wrong"',
    '"name": "DB_PASSWORD", "valueFrom": "Secret1x"',
    'password is required: Secret1x',
    '"password": "wrong!"',
    '<key>password</key><dict>Secret1x</dict>',
    "is identified by `code: 'ERR_42'`",
    'this.size=0;this.parentPass=e1}visit(e){check(this.size);',
    'a=0;parentPass=e1}visit(e){check(this.size);',
    "['pass', '@proxy:8080']",
  ])('%j: nothing', (text) => {
    expect(grades(scan(` ${text}\n`))).toEqual([]);
  });

  test('never shows the secret', () => {
    for (const { preview, evidence, notes } of scan(`\0DB_PASSWORD=${SECRET}\0 mysql://a:${SECRET}@b`))
      expect(JSON.stringify([preview, evidence, notes])).not.toContain(SECRET);
  });

  test('finds the same beside other text', () => {
    const pieces = fc.constantFrom(
      ...[`\0DB_PASSWORD=${SECRET}\0`, `"password": "${SECRET}"`, `mysql://a:${SECRET}@b `, '\0', ' ', 'x'],
      ...['\npassword: ', 'pass', 'Basic ', '://', '--pwd=', SECRET, '\n', '<password>', '\0LANG=C\0', '; '],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), fc.nat(400), (list, lead) => {
        const text = list.join('');
        const here = grades(scan(`${'-'.repeat(500)}\0${text}\0${'-'.repeat(500)}`));
        const far = grades(
          scan(`${'password '.repeat(200)}${'-'.repeat(500 + lead)}\0${text}\0${'-'.repeat(500)}`),
        );
        expect(far).toEqual(here);
      }),
      { numRuns: 60 },
    );
  });
});

describe('names of passwords', () => {
  test.each([
    ['DB_PASSWORD', ['db', 'password']],
    ['dbPassWord2', ['db', 'password']],
    ['spring.datasource.password', ['spring', 'datasource', 'password']],
    ['XMLPasswd-old', ['xml', 'passwd', 'old']],
  ])('%s', (name, words) => expect(wordsOf(name)).toEqual(words));

  test.each([
    ['userPass', true],
    ['pass', true],
    ['pass_through', false],
    ['password_for_db', true],
    ['password_is_not_set_yet', false],
    ['passwordPolicy', false],
    ['compassion', false],
    ['mypassword', true],
  ])('%s: %s', (name, expected) => expect(isPasswordName(name, new Set(['policy']))).toBe(expected));
});

describe('levels', () => {
  const stock = new Set(['tiger']);
  test.each<[string, PasswordPlace, string | undefined]>([
    [SECRET, 'bare', ''],
    [WORD, 'certain', ''],
    [WORD, 'quoted', 'letters or digits only: perhaps a word'],
    ['sun-flower', 'quoted', 'letters or digits only: perhaps a word'],
    ['Sunflower_x', 'bare', 'letters or digits only: perhaps a word'],
    ['tiger', 'certain', 'looks like a placeholder: a password of examples and default installations'],
    [
      'My%20P4ssw0rd1',
      'certain',
      'looks like a placeholder: a password of examples and default installations',
    ],
    ['$(SECRET1)', 'certain', undefined],
    ['/run/secrets/1A', 'certain', undefined],
    ['uint16', 'bare', undefined],
    ['user.Password1', 'bare', undefined],
    ['1.302.4', 'quoted', undefined],
    ['salt1234', 'quoted', 'looks like a placeholder: a password of examples and default installations'],
    [
      basic('not my real password'),
      'quoted',
      'looks like a placeholder: a password of examples and default installations',
    ],
    [basic(`${SECRET} x`), 'quoted', ''],
  ])('%s, %s', (value, place, note) => {
    const level = levelOf(value, place, stock);
    expect(level && (level.note ?? '')).toBe(note);
  });
});

describe('whose password of a URL it is', () => {
  test.each<[string, Record<string, string>]>([
    [
      `\0DATABASE_URL=postgres://app:${SECRET}@db.acme.tld:5432/app\0`,
      { user: 'app', host: 'db.acme.tld:5432', variable: 'DATABASE_URL' },
    ],
    [`{"brokerUrl": "amqp://:${SECRET}@mq.acme.tld/v"}`, { host: 'mq.acme.tld', variable: 'brokerUrl' }],
    [`see https://bob:${SECRET}@acme.tld/`, { user: 'bob', host: 'acme.tld' }],
    [`\0jdbc:postgresql://app:${SECRET}@db.acme.tld/a`, { user: 'app', host: 'db.acme.tld' }],
    [`url: jdbc:mysql://app:${SECRET}@db.acme.tld/a`, { user: 'app', host: 'db.acme.tld', variable: 'url' }],
    // The user is the token there.
    [`https://${SECRET}:x-oauth-basic@git.acme.tld/`, { host: 'git.acme.tld' }],
    // What is the password, too, is not said.
    [`ftp://${SECRET}:${SECRET.toUpperCase()}@acme.tld/`, { host: 'acme.tld' }],
  ])('%s', (text, claims) => {
    expect(scan(text).find(({ rule }) => rule.id === DATABASE || rule.id === URL)?.claims).toEqual(claims);
  });
});
