import { z } from 'zod';
import { FORMATS } from '../model/report.js';
import { type FlagType, LONGEST } from './arguments.js';
import { type Flag, keyOf, optionOf } from './flags.js';

/** Loads zod: imported where a configuration file is there, and at build time. */

const text = z.string('must be text').min(1, 'must not be empty');

function oneOf(choices: readonly string[] = []) {
  return z.enum(choices as [string, ...string[]], `must be one of ${choices.join(', ')}`);
}

/** What may be repeated on the command line is a list, or one value by itself. */
function oneOrMore(shape: z.ZodType, what: string) {
  return z.union([shape, z.array(shape)], `must be ${what}, or a list of them`);
}

const OUTPUT = `FORMAT=FILE with one of ${FORMATS.join(', ')}`;
const output = z.string().regex(new RegExp(`^(${FORMATS.join('|')})=.`), `must be ${OUTPUT}`);

const SHAPES: Record<FlagType, (flag: Flag) => z.ZodType> = {
  switch: () => z.boolean('must be true or false'),
  choice: ({ choices }) => oneOf(choices),
  choices: ({ choices = [] }) => oneOrMore(oneOf(choices), `one of ${choices.join(', ')}`),
  names: () => oneOrMore(text, 'text'),
  path: () => text,
  paths: () => oneOrMore(text, 'a path'),
  outputs: () => oneOrMore(output, OUTPUT),
  count: () => z.int('must be a whole number').min(1, 'must be 1 or more'),
  seconds: () => z.number('must be a number').positive('must be above 0').max(LONGEST, 'is too long'),
};

/** Rows of the table that are keys of the configuration, by key. */
export function configKeys(table: readonly Flag[]): Map<string, Flag> {
  const rows = table.filter((flag) => !flag.commandLineOnly);
  return new Map(rows.map((flag) => [keyOf(optionOf(flag)), flag]));
}

/** The shape of a configuration file: every flag a key, and no other keys. */
export function configShape(table: readonly Flag[]) {
  const fields = [...configKeys(table)].map(([name, flag]) => {
    const description = optionOf(flag).negate ? `false: ${flag.description}` : flag.description;
    return [name, SHAPES[flag.type](flag).describe(description).optional()] as const;
  });
  return z.strictObject(Object.fromEntries(fields), 'a configuration is a map: one "flag: value" a line');
}

/** JSON Schema for editors. */
export function configSchema(table: readonly Flag[]): Record<string, unknown> {
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
