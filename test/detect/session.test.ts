import { describe, expect, test } from '@jest/globals';
import { RE2JS } from 're2js';
import { inHeader, sessionVectors } from '../../fixtures/sessions.js';
import { RowScan, readRows, session } from '../../src/detect/text/session.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import type { Rule } from '../../src/rules/types.js';
import fc from '../support/property.js';
import { isLinear } from '../support/work.js';
import { naiveScan } from './naive-scan.js';
import { plainView } from './plain-view.js';

const rules = loadBuiltin().filter(({ detector }) => detector === 'session');
const ruleOf = (id: string): Rule => rules.find((rule) => rule.id === id)!;
/** The end of these has no length of its own. */
const OPEN_ENDED = new Set([
  'aspnet-forms-cookie',
  'aspnet-owin-cookie',
  'symfony-signed-uri',
  'laravel-cookie',
  'rack-session',
  'encrypted-jwt',
  'gorilla-cookie',
  'rails-encrypted-cookie',
]);
const revealed = ({ secret }: { secret: { reveal(): Uint8Array } }) =>
  Buffer.from(secret.reveal()).toString('latin1');

describe.each(sessionVectors().map((vector) => [`${vector.name} ${vector.what}`, vector] as const))(
  '%s',
  (_, vector) => {
    const text = `\0GET / HTTP/1.1\r\n${inHeader(vector)}\0`;
    const big = Buffer.from(text, 'utf16le').swap16();

    test.each([
      ['UTF-8', Buffer.from(text)],
      ['UTF-16LE', Buffer.from(text, 'utf16le')],
      [
        'UTF-16LE at an odd offset',
        Buffer.concat([Buffer.from('\xff', 'latin1'), Buffer.from(text, 'utf16le')]),
      ],
      ['UTF-16BE', big],
    ])('in %s by its own rule, and by no other', (_, bytes) => {
      const found = naiveScan(bytes, rules);
      expect(found.map(({ rule }) => rule.id)).toEqual([vector.rule]);
      expect(revealed(found[0]!)).toBe(vector.token);
      expect(found[0]).toMatchObject({ confidence: 'medium', encoding: 'session' });
    });

    test('not cut, and not as a part of a longer text', () => {
      const cut = text.replace(vector.token, vector.token.slice(0, -3));
      if (!OPEN_ENDED.has(vector.rule)) expect(naiveScan(Buffer.from(cut), rules)).toEqual([]);
      const longer = text.replace(vector.token, `${vector.token}abc`);
      expect(naiveScan(Buffer.from(longer), [ruleOf(vector.rule)]).map(revealed)).not.toContain(vector.token);
    });
  },
);

describe('rows', () => {
  test.each(rules.map((rule) => [rule.id, rule] as const))(
    '%s: the pattern can be matched around an anchor',
    (_, rule) => {
      expect(readRows(rule.pattern!)).toBeDefined();
    },
  );

  test.each([
    ['no group', 'abc'],
    ['something after the group', '(?P<secret>a)b'],
    ['a repetition before the group', 'a+(?P<secret>b)'],
    ['flags', '(?i:a)(?P<secret>b)'],
  ])('%s is refused', (_, pattern) => {
    expect(readRows(pattern)).toBeUndefined();
  });

  test('the longest match around an anchor is that of RE2', () => {
    const pattern = 'x(?P<secret>[ab]{1,4}-ab[0-9]{2,}(?:=[a-f]{2})?)';
    const { rows } = readRows(pattern)!;
    const whole = RE2JS.compile(`^${pattern}$`);
    const piece = fc.constantFrom('x', 'ab', 'a', '-', '-ab', '12', '345', '=', 'cd', 'ef');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const scan = new RowScan(text);
        for (let at = text.indexOf('-ab'); at >= 0; at = text.indexOf('-ab', at + 1))
          for (const row of rows) {
            const index = row.findIndex(
              (cell) => cell instanceof Uint8Array && cell['-'.charCodeAt(0)] === 1,
            );
            const found = scan.match(row, index, at);
            if (found === undefined) continue;
            expect(whole.matcher(text.slice(found.start, found.end)).find()).toBe(true);
          }
      }),
    );
  });
});

test('a flood of anchors is read once', async () => {
  const rule = ruleOf('django-session');
  const anchor = Uint8Array.from(Buffer.from('eyJ'));
  const examined = (times: number) => {
    const bytes = Buffer.from('eyJ'.repeat(times));
    const hits = Array.from({ length: times }, (_, i) => ({ offset: 3 * i, length: 3, wide: false, anchor }));
    return () =>
      expect([...session.examine({ rule, hits, view: plainView(bytes, []), order: 'memory' })]).toEqual([]);
  };
  expect(await isLinear(examined, 20_000)).toBe(true);
});
