import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { rule } from '../prove/judge/judged-builder.js';
import { DOCUMENT, document, written } from './rules-document.js';

test('docs/rules/README.md is up to date: node dist/test/rules/rules-document.js --write', async () => {
  // Without a difference of a thousand lines.
  expect(readFileSync(DOCUMENT, 'utf8') === (await document())).toBe(true);
});

const advice = 'acts as the user | revoke it in the settings';

test('rules, names and services have a row each', () => {
  const page = written([
    rule({ id: 'b-token', name: 'B | token', optIn: true, source: 'rules/b.yaml:12' }),
    rule({ id: 'a-token', references: ['https://a.example/'], signing: true }),
    rule({ id: 'named-secret:api-key', value: { type: 'name', words: ['api', 'key'], at: 'end', not: [] } }),
    rule({
      id: 'service:acme',
      name: 'Acme key',
      value: {
        type: 'service',
        names: [['acme']],
        forms: [
          {
            class: 'hex',
            lengths: [
              [32, 32],
              [40, 64],
            ],
          },
          { class: 'uuid', lengths: [[36, 36]] },
          { pattern: 'a|b' },
        ],
      },
    }),
  ]);
  expect(page.split('\n').filter((line) => line.startsWith('| `'))).toEqual([
    `| \`a-token\` | [Example token](https://a.example/) | token | high, signs | ${advice} | example.yaml |`,
    `| \`b-token\` | B \\| token | token | high, off by default | ${advice} | b.yaml |`,
    '| `named-secret:api-key` | token | high | acts as the user | example.yaml |',
    '| `service:acme` | Acme key | high | hex 32, 40-64; UUID; `a\\|b` | acts as the user |',
  ]);
  expect(page).toContain(
    '2 rules for secrets with a form of their own,\n1 names of random-looking values, 1 serv',
  );
});
