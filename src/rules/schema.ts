import { RE2JS } from 're2js';
import { z } from 'zod';
import { KINDS, SEVERITIES } from '../core/model/report.js';
import {
  CHECKS,
  DETECTORS,
  OBJECT_KEYS,
  OBJECT_PARTS,
  OCTET_CURVES,
  PASSWORD_SHAPES,
  PATTERNED,
  UNCALLED,
} from './vocabulary.js';

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

const objectRows = z
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

/**
 * Schema of rule files (docs/rules.md). Loaded only to read YAML: by the build and by `--rules`. Messages
 * never repeat a value, because a rule file may contain a secret by mistake.
 */

/** Upper bound of a window, in characters of both sides together. */
const WINDOW_MAX = 16_384;

const text = (most: number) => z.string().trim().min(1).max(most);

const literal = z
  .string()
  .min(3, 'an anchor has at least 3 bytes')
  .max(64, 'an anchor has at most 64 bytes')
  .regex(/^[\x20-\x7e]+$/, 'a text anchor is printable ASCII; write other bytes as {hex: "…"}');

const hex = z
  .string()
  .regex(/^\s*[0-9a-fA-F]{2}(\s*[0-9a-fA-F]{2})*\s*$/, 'hex digits in pairs, spaces between them allowed');

const hexAnchor = hex.refine(
  (value) => value.replace(/\s/g, '').length >= 6,
  'an anchor has at least 3 bytes',
);

const anchor = z.union([literal, z.strictObject({ hex: hexAnchor })]);

/** A fragment of an example: text (one character per byte), or bytes in hex or base64. */
const fragment = z.union([
  z.string().regex(/^[\x00-\xff]*$/, 'characters up to U+00FF, one a byte; write other bytes as {hex: "…"}'),
  z.strictObject({ hex }),
  z.strictObject({ base64: z.string().regex(/^[0-9A-Za-z+/\s]*=*\s*$/, 'base64') }),
]);

const example = z.array(fragment).min(1);

const anchors = z.array(anchor).max(100);

const words = z.array(z.string().trim().toLowerCase().min(1).max(40)).max(500);

const passwordSearch = z.strictObject({
  shapes: z.array(z.enum(PASSWORD_SHAPES)).min(1),
  notNames: words.default([]),
  stock: words.default([]),
  schemes: z
    .union([z.strictObject({ only: words }), z.strictObject({ not: words })])
    .optional()
    .describe('Schemes of URLs; all by default.'),
});

const fields = {
  id: z
    .string()
    .max(64)
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens')
    .describe('Stable name of the rule; reports, --only and --skip use it.'),
  name: text(80).describe('Title of a finding.'),
  kind: z.enum(KINDS),
  severity: z.enum(SEVERITIES).describe('The harm that the secret allows.'),
  signing: z.boolean().default(false).describe('True if the secret allows to sign or forge.'),
  optIn: z.boolean().default(false).describe('True if the rule is off unless --with or --only names it.'),
  generic: z
    .boolean()
    .optional()
    .describe('True if the rule knows the place of a secret (a header, a URL) and not its issuer.'),
  impact: text(300).describe('What an attacker could do with it.'),
  rotate: text(300).describe('How to revoke it.'),
  anchors: anchors.default([]).describe('Literals in the secret or next to it; at least one must be found.'),
  caseless: z.boolean().default(false).describe('Anchors match in either case.'),
  window: z
    .strictObject({
      before: z.int().min(0).max(WINDOW_MAX).default(0),
      after: z.int().min(0).max(WINDOW_MAX).default(0),
    })
    .refine(({ before, after }) => before + after <= WINDOW_MAX, `before + after is at most ${WINDOW_MAX}`)
    .default({ before: 0, after: 0 })
    .describe('Characters before the anchor, and after its first one, that the detector reads.'),
  near: z
    .strictObject({
      anchors: anchors.min(1),
      within: z
        .int()
        .min(1)
        .max(WINDOW_MAX / 2),
    })
    .optional()
    .describe('For secrets without a literal of their own: names within this many bytes.'),
  detector: z.enum(DETECTORS).default('text'),
  pattern: z.string().min(1).max(2000).optional().describe('RE2 syntax with a group (?P<secret>…).'),
  password: passwordSearch.optional().describe('What the password detector looks for.'),
  objects: objectRows.optional().describe('Classes whose objects hold keys, for the object detector.'),
  encodings: z
    .array(z.enum(['utf8', 'utf16le', 'utf16be']))
    .min(1)
    .default(['utf8', 'utf16le', 'utf16be']),
  boundary: z
    .enum(['token', 'none'])
    .default('token')
    .describe('token: the secret is not part of a longer run of its alphabet.'),
  entropy: z.number().min(0).max(8).optional().describe('Minimum Shannon entropy in bits per character.'),
  checks: z.array(z.enum(CHECKS)).default([]),
  references: z.array(z.url()).default([]),
  examples: z.array(example).default([]).describe('Each is found; fragments are joined on load.'),
  counterexamples: z.array(example).default([]).describe('Each is not found, or demoted.'),
};

/** RE2's message without its quote of the pattern. */
function patternProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    const words = error instanceof Error ? error.message.replace(/: `[\s\S]*$/, '') : 'not a pattern';
    return `not RE2 syntax: ${words}`;
  }
}

/** One rule of a file, with defaults. */
export const ruleSchema = z.strictObject(fields).superRefine((rule, context) => {
  const problem = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  const anchored = rule.anchors.length > 0 || rule.near !== undefined;
  if (!anchored && !UNCALLED.includes(rule.detector))
    problem(['anchors'], 'a rule needs anchors, or near with anchors');
  if (anchored && UNCALLED.includes(rule.detector))
    problem(['anchors'], `the ${rule.detector} detector takes no anchors`);
  if ((rule.detector === 'password') !== (rule.password !== undefined))
    problem(['password'], 'the password detector needs this field, and no other takes it');
  if ((rule.detector === 'object') !== (rule.objects !== undefined))
    problem(['objects'], 'the object detector needs this field, and no other takes it');
  if (!PATTERNED.includes(rule.detector)) {
    if (rule.pattern !== undefined)
      problem(['pattern'], 'only the text and the session detector take a pattern');
    if (rule.checks.length > 0) problem(['checks'], 'only the text detector takes checks');
    return;
  }
  if (rule.pattern === undefined) {
    problem(['pattern'], `the ${rule.detector} detector needs a pattern`);
    return;
  }
  const syntax = patternProblem(rule.pattern);
  if (syntax !== undefined) problem(['pattern'], syntax);
  else if (!/\(\?P?<secret>/.test(rule.pattern))
    problem(['pattern'], 'the pattern needs a group (?P<secret>…)');
});

export type RuleSource = z.output<typeof ruleSchema>;
export type Fragment = z.output<typeof fragment>;
export type AnchorSource = z.output<typeof anchor>;

/** Names of all fields, for suggestions. */
export const FIELDS: readonly string[] = Object.keys(fields);
