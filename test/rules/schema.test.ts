import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { asset } from '../../src/core/base/runtime/assets.js';

const validate = new Ajv({ strict: false, validateFormats: false }).compile(
  JSON.parse(readFileSync(asset('dist/schema/rules.schema.json'), 'utf8')),
);

test('the schema for editors accepts a rule file, and rejects unknown fields and values', () => {
  const rules: unknown[] = parse(readFileSync(asset('rules/github.yaml'), 'utf8'));
  expect(validate(rules)).toBe(true);
  const [first] = rules as [Record<string, unknown>];
  expect(validate([{ ...first, severty: 'high' }])).toBe(false);
  expect(validate([{ ...first, severity: 'huge' }])).toBe(false);
  expect(validate([{ ...first, name: undefined }])).toBe(false);
});

test.each(['rules/names.yaml', 'rules/services/a.yaml'])(
  'it accepts rows, and rejects their mistakes: %s',
  (file) => {
    const rows: unknown[] = parse(readFileSync(asset(file), 'utf8'));
    expect(validate(rows)).toBe(true);
    const [first] = rows as [Record<string, unknown>];
    expect(validate([{ ...first, severty: 'high' }])).toBe(false);
    expect(validate([{ ...first, kind: 'private-key' }])).toBe(false);
  },
);
