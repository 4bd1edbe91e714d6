import { z } from 'zod';
import { SEVERITIES } from '../core/model/report.js';
import { ruleSchema } from './schema.js';
import { VALUE_CLASSES } from './vocabulary.js';

/**
 * Schema of rows for values without a form of their own (docs/rules.md): generic names, and services. Each
 * row becomes a rule of the value detector.
 */

const { name: title, impact, rotate, signing, optIn } = ruleSchema.shape;

const VALUE_KINDS = ['symmetric-key', 'token', 'credential'] as const;

/** Words in lower case, separated by single spaces. */
const words = z
  .string()
  .max(60)
  .regex(/^[a-z0-9]+( [a-z0-9]+)*$/, 'words in lower case, separated by single spaces');

const common = {
  title: title.optional().describe('Title of a finding.'),
  kind: z.enum(VALUE_KINDS).default('token'),
  severity: z.enum(SEVERITIES).default('medium').describe('The harm that the secret allows.'),
  signing,
  optIn,
};

export const nameSchema = z.strictObject({
  name: words.describe('Words of a name, for example `jwt secret`.'),
  at: z.enum(['end', 'anywhere']).default('end').describe('Where a name has them.'),
  not: z.array(words).default([]).describe('Words of names that this row is not for.'),
  ...common,
  impact: impact.default('whatever the program that reads it under this name can do'),
  rotate: rotate.default('make a new one, change it in everything that reads it, and revoke this one'),
});

/** An exact length, or a range: `32-40`. */
const length = z.union([
  z.int().min(8).max(512),
  z.string().regex(/^\d{1,3}-\d{1,3}$/, 'a length, or a range such as 32-40'),
]);

const form = z.union([
  z.strictObject({ class: z.literal('uuid') }),
  z.strictObject({ class: z.enum(VALUE_CLASSES).exclude(['uuid']), length: z.array(length).min(1) }),
  z.strictObject({ pattern: z.string().min(1).max(500) }),
]);

export const serviceSchema = z.strictObject({
  service: z
    .string()
    .max(48)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens')
    .describe('Id of the service.'),
  names: z.array(words).min(1).describe('Names of the service as words; one of them is near the value.'),
  values: z.array(form).min(1).describe('Forms of its secrets: alphabet and length, or a pattern.'),
  ...common,
  impact,
  rotate: rotate.default("delete it in the service's settings, and change it in everything that reads it"),
  reference: z.url().optional(),
});

/** A rule file: for editors. */
export const ruleFileSchema = z.array(z.union([ruleSchema, nameSchema, serviceSchema]));

/** Characters of a UUID (RFC 9562, section 4). */
const UUID = 36;

const fields = { encodings: [], anchors: [], checks: [], examples: [], counterexamples: [] };

/** Fields that rows do not have. */
function ruleOf(row: object) {
  return ruleSchema.parse({
    ...fields,
    encodings: ['utf8', 'utf16le', 'utf16be'],
    detector: 'value',
    boundary: 'none',
    id: 'row',
    ...row,
  });
}

export function ruleOfName(row: z.output<typeof nameSchema>) {
  const { name, at, not, title, ...rest } = row;
  const rule = ruleOf({ ...rest, name: title ?? `Secret named "${name}"` });
  return {
    ...rule,
    id: `named-secret:${name.replaceAll(' ', '-')}`,
    value: { type: 'name' as const, words: name.split(' '), at, not },
  };
}

export function ruleOfService(row: z.output<typeof serviceSchema>) {
  const { service, names, values, title, reference, ...rest } = row;
  const rule = ruleOf({
    ...rest,
    name: title ?? `Secret of ${service.replaceAll('-', ' ')}`,
    references: reference === undefined ? [] : [reference],
  });
  const forms = values.map((each) =>
    'pattern' in each
      ? each
      : { class: each.class, lengths: ('length' in each ? each.length : [UUID]).map(rangeOf) },
  );
  return {
    ...rule,
    id: `service:${service}`,
    value: { type: 'service' as const, names: names.map((each) => each.split(' ')), forms },
  };
}

function rangeOf(length: number | string): [number, number] {
  const [least, most] = String(length).split('-').map(Number);
  return [least!, most ?? least!];
}
