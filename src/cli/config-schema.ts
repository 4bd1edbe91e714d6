import { z } from 'zod';
import { FORMATS } from '../core/model/report.js';
import { LONGEST_SECONDS, type OptionType } from '../core/options/option-types.js';
import type { OptionRow } from '../core/options/table.js';
import { keyOf, optionOf } from './flags.js';

/** Loads zod: imported only if there is a configuration file, and at build time. */

const text = z.string('must be text').min(1, 'must not be empty');

function oneOf(choices: readonly string[] = []) {
  return z.enum(choices as [string, ...string[]], `must be one of ${choices.join(', ')}`);
}

/** A repeatable flag: a list, or a single value. */
function oneOrMore(shape: z.ZodType, what: string) {
  return z.union([shape, z.array(shape)], `must be ${what}, or a list of them`);
}

const OUTPUT = `FORMAT=FILE with one of ${FORMATS.join(', ')}`;
const output = z.string().regex(new RegExp(`^(${FORMATS.join('|')})=.`), `must be ${OUTPUT}`);

const SHAPES: Record<OptionType, (flag: OptionRow) => z.ZodType> = {
  switch: () => z.boolean('must be true or false'),
  choice: ({ choices }) => oneOf(choices),
  choices: ({ choices = [] }) => oneOrMore(oneOf(choices), `one of ${choices.join(', ')}`),
  text: () => text,
  names: () => oneOrMore(text, 'text'),
  path: () => text,
  paths: () => oneOrMore(text, 'a path'),
  outputs: () => oneOrMore(output, OUTPUT),
  globs: () => oneOrMore(text, 'a glob'),
  count: () => z.int('must be a whole number').min(1, 'must be 1 or more'),
  byte: () => z.int('must be a whole number').min(0, 'must be 0 or more').max(255, 'must be 255 or less'),
  seconds: () => z.number('must be a number').positive('must be above 0').max(LONGEST_SECONDS, 'is too long'),
};

/** The rows that a configuration file may set, by key. */
export function configKeys(table: readonly OptionRow[]): Map<string, OptionRow> {
  const rows = table.filter((flag) => !flag.commandLineOnly);
  return new Map(rows.map((flag) => [keyOf(optionOf(flag)), flag]));
}

/** The shape of a configuration file: every flag is a key, and no other keys are allowed. */
export function configShape(table: readonly OptionRow[]) {
  const fields = [...configKeys(table)].map(([name, flag]) => {
    const description = optionOf(flag).negate ? `false: ${flag.help}` : flag.help;
    return [name, SHAPES[flag.type](flag).describe(description).optional()] as const;
  });
  return z.strictObject(Object.fromEntries(fields), 'a configuration is a map: one "flag: value" a line');
}

/** JSON Schema for editors. */
export function configSchema(table: readonly OptionRow[]): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(configShape(table), { target: 'draft-7' });
  const properties = { ...(schema.properties as Record<string, object>) };
  for (const [name, { default: value, defaultText }] of configKeys(table)) {
    if (value !== undefined && defaultText === undefined)
      properties[name] = { ...properties[name], default: value };
  }
  return {
    $schema,
    title: '.dumpsieve.yaml',
    description: 'Flags of dumpsieve scan. The command line overrides them; paths are relative to this file.',
    ...schema,
    properties,
  };
}
