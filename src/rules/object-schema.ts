import { z } from 'zod';
import { OBJECT_KEYS, OBJECT_PARTS, OCTET_CURVES } from './vocabulary.js';

/** Schema of the rows of a rule for objects in a managed heap (docs/rules.md). */

const className = z
  .string()
  .max(200)
  .regex(/^[\w$]+(\.[\w$]+)*$/, 'a class with its package, as the runtime writes it: `a.b.Outer$Inner`');

/** At most 4 fields, each of the object that the one before it leads to. */
const path = z
  .string()
  .max(200)
  .regex(/^[\w$]+(\.[\w$]+){0,3}$/, 'a field, or up to 4 joined by dots: `params.n`');

const globs = z.array(z.string().min(1).max(200)).min(1);

const row = z.strictObject({
  class: className.describe('Class of the object, or a superclass of it.'),
  field: path.describe('Field with the secret: an array of bytes, chars or ints, a text, a BigInteger.'),
  key: z.enum(OBJECT_KEYS).optional().describe('What the number is, if it is that of a private key.'),
  curve: z
    .array(z.enum(OCTET_CURVES))
    .optional()
    .describe('Of okp: the one whose keys are as long is meant.'),
  littleEndian: z.literal(true).optional().describe('The number is written with its least octet first.'),
  parts: z
    .partialRecord(z.enum(OBJECT_PARTS), path)
    .default({})
    .describe('Fields with its other numbers; of ec `order`, that of the base point, tells the curve.'),
  if: z
    .strictObject({ field: path, is: globs })
    .optional()
    .describe('The row is for objects with one of these texts in a field; `*` stands for any characters.'),
  confidence: z.enum(['high', 'medium', 'low']).default('high').describe('What the class says of the value.'),
  unheld: z
    .enum(['high', 'medium', 'low'])
    .optional()
    .describe('Confidence if nothing in the heap refers to the object.'),
  handshake: globs
    .optional()
    .describe('Classes whose objects hold keys of one handshake: such a key is ephemeral.'),
});

const NEEDED = { okp: [], ec: ['order'], rsa: ['n'], dsa: ['p', 'q', 'g'] } as const;

export const objectRows = z
  .array(
    row.superRefine(({ key, curve, parts }, context) => {
      const problem = (field: string, message: string) =>
        context.addIssue({ code: 'custom', path: [field], message });
      if ((key === 'okp') !== (curve !== undefined))
        problem('curve', 'okp needs this field, and no other key');
      const lacking = key === undefined ? [] : NEEDED[key].filter((part) => parts[part] === undefined);
      if (lacking.length > 0) problem('parts', `${key} needs ${lacking.join(', ')}`);
    }),
  )
  .min(1);
