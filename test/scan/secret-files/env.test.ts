import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { sshString } from '../../../src/core/base/crypto/ssh-wire.js';
import type { FileEntry } from '../../../src/scan/secret-files/keys.js';
import { readEntries } from '../../../src/scan/secret-files/read.js';
import { isLinear } from '../../support/work.js';

const read = (content: string | Uint8Array) => readEntries(Buffer.from(content as string));
const shown = (entry: FileEntry): string =>
  entry.type === 'value'
    ? `${entry.label}=${Buffer.from(entry.value.reveal()).toString('latin1')}`
    : `${entry.type} ${entry.label}`;
const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

describe('values of an .env, as different programs parse them', () => {
  const rows: [name: string, content: string | Uint8Array, expected: string[]][] = [
    ['in backticks', 'A_CODE=`Xk29fLq0`\n', ['A_CODE=Xk29fLq0']],
    ['over two lines', 'A_CODE="Xk29fLq0\nyz"\nB=\n', ['A_CODE=Xk29fLq0\nyz']],
    ['over two lines, CRLF', "A_CODE='Xk29fLq0\r\nyz' # ours\r\n", ['A_CODE=Xk29fLq0\r\nyz']],
    ['an unterminated quote', 'A_CODE="Xk29fLq0\nB="b"\n', ['A_CODE="Xk29fLq0']],
    ['with blanks', 'A_CODE=my long words 7\n', ['A_CODE=my long words 7']],
    [
      'with blanks and a comment',
      'A_CODE=my long words 7 # old: x\n',
      ['A_CODE=my long words 7', 'A_CODE, to the end of its line=my long words 7 # old: x'],
    ],
    ['with #', 'A_CODE=Xk29fLq0#yz\n', ['A_CODE=Xk29fLq0#yz', 'A_CODE, up to #=Xk29fLq0']],
    [
      'joined by a shell',
      'A_CODE="Xk29"\'fLq0\'\\ z\n',
      ['A_CODE="Xk29"\'fLq0\'\\ z', 'A_CODE, as a shell reads it=Xk29fLq0 z'],
    ],
    [
      'before and after an operator of a shell',
      'export A_CODE=Xk29fLq0; export B_CODE="Yk29 fLq0" C_CODE=Zk29fLq0 # D_CODE=none4you\n',
      [
        'A_CODE=Xk29fLq0; export B_CODE="Yk29 fLq0" C_CODE=Zk29fLq0',
        'A_CODE, to the end of its line=' +
          'Xk29fLq0; export B_CODE="Yk29 fLq0" C_CODE=Zk29fLq0 # D_CODE=none4you',
        'A_CODE, as a shell reads it=Xk29fLq0',
        'B_CODE=Yk29 fLq0',
        'C_CODE=Zk29fLq0',
      ],
    ],
    ['a line end of its own', 'A_CODE="Xk29fLq0\\n"\n', ['A_CODE=Xk29fLq0']],
    [
      'in Latin-1',
      Buffer.from('A_CODE=K\xf6nigsberg1\n', 'latin1'),
      ['A_CODE=K\xf6nigsberg1', `A_CODE=${latin1('K\xf6nigsberg1')}`],
    ],
    [
      'a file in UTF-16',
      Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from('A_CODE=K\xf6nigsberg1\r\n', 'utf16le')]),
      [`A_CODE=${latin1('K\xf6nigsberg1')}`],
    ],
  ];
  test.each(rows)('%s', async (_, content, expected) => {
    expect((await read(content)).map(shown)).toEqual(expected);
  });

  const WHY = '(too short, or too few distinct characters, to be searched for)';
  test.each([
    ['PIN=4711\nA_CODE=Xk29fLq0\n', ['A_CODE=Xk29fLq0', `unread PIN ${WHY}`]],
    ['A_TOKEN=abababab\nPORT=80\nDB_PASSWORD=\n', [`unread A_TOKEN ${WHY}`]],
  ])('what is called a secret and cannot be looked for is said: %j', async (content, expected) => {
    expect((await read(content)).map(shown).sort()).toEqual([...expected].sort());
  });

  test('so are values beyond the cap', async () => {
    const all = await read(Array.from({ length: 1002 }, (_, i) => `A${i}=Xk29fLq0${i}\n`).join(''));
    expect(all.filter(({ type }) => type !== 'value').map(shown)).toEqual([
      'unread 2 values after the first 1000',
    ]);
  });
});

/** Attributes as OpenSSL writes them. */
const NAMES = 'subject=C = US, O = Acme\nissuer=C=US, O=Acme Corporation\n';

describe('with PEM in the file', () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const dssBlob = Buffer.concat([sshString('ssh-dss'), sshString(Buffer.alloc(40))]);
  const dss = `ssh-dss ${dssBlob.toString('base64')} me`;
  test.each([
    [
      'attributes of a certificate by OpenSSL are not values',
      `Bag Attributes\n    localKeyID: 54 69\n${NAMES}${pem}`,
      ['key '],
    ],
    ['without PEM they are', 'subject=Xk29fLq0\n', ['subject=Xk29fLq0']],
    [
      'a line that is not understood',
      `A_KEY="${pem}"\ndb.password: Xk29fLq0\nB_CODE=Xk29fLq0\n`,
      ['B_CODE=Xk29fLq0', 'key A_KEY', 'unread line 5'],
    ],
    ['an SSH key of an unknown type', `${pem}ours:\n${dss}\n`, ['key ', 'unread line 5']],
  ])('%s', async (_, content, expected) => {
    expect((await read(content)).map(shown)).toEqual(expected);
  });
});

describe('any file is read in linear time', () => {
  const MANY = 300_000;
  const blanks = (count: number) => ' '.repeat(count);
  const key = 'Ab1x'.repeat(12);
  const floods: [what: string, most: number, content: (count: number) => string][] = [
    ['blanks without a comment after them', MANY, (count) => `A_CODE=Xk29fLq0${blanks(count)}y\n`],
    ['blanks after base64', MANY, (count) => `A_CODE="${key}${blanks(count)}!"\n`],
    ['blanks after base64 in a Secret', MANY, (n) => `kind: Secret\ndata: {a: "${key}${blanks(n)}!"}\n`],
    ['empty lines', MANY, (count) => `A_CODE=Xk29fLq0\n${'\n'.repeat(count)}`],
    ['quotes', MANY, (count) => `A_CODE=${'"\''.repeat(count)}\n`],
    ['assignments in a line', MANY / 10, (count) => `A_CODE=Xk29fLq0${' B="x" C=\'y'.repeat(count)}\n`],
    ['first lines of PuTTY’s files', MANY / 10, (n) => 'PuTTY-User-Key-File-3: ssh-ed25519\n'.repeat(n)],
    ['first lines of RFC 4716', MANY / 10, (count) => '---- BEGIN SSH2 PUBLIC KEY ----\n'.repeat(count)],
    ['first lines of PEM', MANY / 10, (count) => '-----BEGIN PRIVATE KEY-----\nAAAA\n'.repeat(count)],
  ];
  // One expression over a flood, quadratic in it, would take as long as the rest of the tests.
  test('floods of what values and keys consist of', async () => {
    const reading = (percent: number) => async () => {
      for (const [, most, content] of floods) await read(content((most * percent) / 100));
    };
    expect(await isLinear(reading, 50)).toBe(true);
  });

  test.each([
    ['characters', 'ab1xZ'.repeat(8 * 2 ** 20)],
    ['escapes', '\\"'.repeat(16 * 2 ** 20)],
    ['quotes', '"\''.repeat(8 * 2 ** 20)],
  ])('tens of megabytes of %s are said not to be read', async (_, text) => {
    for (const value of [text, `"${text}"`])
      expect((await read(`A_CODE=${value}\n`)).map(shown).filter((each) => /^unread/.test(each))).not.toEqual(
        [],
      );
  });

  test('a value that is too long is reported, in every form', async () => {
    const long = 'ab1xZ'.repeat(2 ** 20);
    for (const value of [`"${long}"`, long, `'${long}'`])
      expect((await read(`A_CODE=${value}\nB_CODE=Xk29fLq0\n`)).map(shown)).toEqual(
        expect.arrayContaining(['unread A_CODE (too long to be searched for)', 'B_CODE=Xk29fLq0']),
      );
  });
});

describe('values of a Kubernetes Secret', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const secret = (data: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: db}\n${data}\n`;
  test.each([
    ['with a final line end', secret(`data: {password: ${base64('Xk29fLq0\n')}}`), ['db/password=Xk29fLq0']],
    ['a block', secret('stringData:\n  password: |\n    Xk29fLq0'), ['db/password=Xk29fLq0']],
    [
      'a SecretList',
      `kind: SecretList\nitems:\n- kind: Secret\n  data: {password: ${base64('Xk29fLq0')}}\n`,
      ['password=Xk29fLq0'],
    ],
    [
      'lists in lists in lists',
      `kind: List\nitems: [{items: [{items: [{kind: Secret, stringData: {a: Xk29fLq0}}]}]}]\n`,
      ['unread parts nested deeper than a Secret in a list'],
    ],
    ['a flow mapping', `{kind: Secret, data: {password: ${base64('Xk29fLq0')}}}\n`, ['password=Xk29fLq0']],
    [
      'not base64, a number, short ones',
      secret(`data: {a: '@@@@', user: ${base64('me')}, pin: ${base64('4711')}}\nstringData: {b: 47114711}`),
      [
        'unread db/a (not text, or not base64)',
        'unread db/pin (too short, or too few distinct characters, to be searched for)',
        'unread db/b (not text, or not base64)',
      ],
    ],
  ])('%s', async (_, content, expected) => {
    expect((await read(content)).map(shown)).toEqual(expected);
  });
});

describe('files of other SSH programs', () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const x = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url');
  const blob = Buffer.concat([sshString('ssh-ed25519'), sshString(x)]).toString('base64');
  const putty = (encryption: string) =>
    [
      'PuTTY-User-Key-File-3: ssh-ed25519',
      `Encryption: ${encryption}`,
      'Comment: ours',
      `Public-Lines: 1\n${blob}`,
      'Private-Lines: 1\nAAAA',
      'Private-MAC: 00ff\n',
    ].join('\n');
  const written = [
    '---- BEGIN SSH2 PUBLIC KEY ----',
    'Comment: "a long \\',
    'one"',
    `${blob.slice(0, 40)}\n${blob.slice(40)}`,
    '---- END SSH2 PUBLIC KEY ----\n',
  ].join('\n');
  test.each([
    ['PuTTY, in the clear', putty('none'), 'ours', true],
    ['PuTTY, CRLF', putty('none').replaceAll('\n', '\r\n'), 'ours', true],
    ['PuTTY, encrypted', putty('aes256-cbc'), 'ours', false],
    ['RFC 4716', written, '', false],
  ])('%s', async (_, content, label, held) => {
    const [key, ...rest] = await read(content);
    expect(rest).toEqual([]);
    expect(key).toMatchObject({ type: 'key', label });
    if (key?.type !== 'key') return;
    expect(Buffer.from(key.spki)).toEqual(publicKey.export({ type: 'spki', format: 'der' }));
    expect(key.holder !== undefined).toBe(held);
  });

  test('each of several is read or reported, whatever is before it', async () => {
    const cut = putty('none').replace(/^Private-MAC.*\n/m, '');
    const unknown = putty('none').replace(blob, Buffer.from(sshString('ssh-dss')).toString('base64'));
    const all = await read(`${cut}${unknown}${written}${putty('aes256-cbc')}`);
    expect(all.map(({ type, label }) => [type, label])).toEqual([
      ['key', 'ours'],
      ['unread', 'the SSH key file 2 (cut, damaged or of an unknown type)'],
    ]);
    const [first] = all;
    expect(first?.type === 'key' && first.holder === undefined).toBe(true);
    const two = await read(`${cut.slice(0, 60)}\n${putty('none')}`);
    expect(two.map(({ type, label }) => [type, label])).toEqual([
      ['unread', 'the SSH key file 1 (cut, damaged or of an unknown type)'],
      ['key', 'ours'],
    ]);
  });
});
