import { expect, test } from '@jest/globals';
import { tableLines } from '../../src/cli/table.js';

const rows = [
  ['service:acme-with-a-long-name', 'high', '7', 'Acme API key'],
  ['short', 'medium', '1,234', 'Secret of a service with a long name'],
];
const columns = [
  { heading: 'rule', most: 12 },
  { heading: 'severity' },
  { heading: 'hits', right: true },
  {},
];

test('columns are as wide as their cells', () => {
  expect(tableLines(columns, rows)).toEqual([
    'rule                           severity   hits',
    'service:acme-with-a-long-name  high          7  Acme API key',
    'short                          medium    1,234  Secret of a service with a long name',
  ]);
});

test('on a terminal long cells and lines are cut', () => {
  expect(tableLines(columns, rows, 48)).toEqual([
    'rule          severity   hits',
    'service:acm…  high          7  Acme API key',
    'short         medium    1,234  Secret of a serv…',
  ]);
});

test('without headings there is no line for them', () => {
  expect(tableLines([{}, {}], [['a', 'b']])).toEqual(['a  b']);
});
