import { z } from 'zod';
import { coverage } from '../../report/schema.js';
import { ENCODINGS, MANIFEST_TYPE, type Manifest } from './manifest.js';

/** The manifest of a copy as JSON Schema 2020-12. Loaded by `verify`, at build time and in tests only. */

const count = z.int().min(0);
const byte = z.int().min(0).max(255);
const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const name = z.string().min(1);

const digest = z.strictObject({
  bytes: count,
  sha256: hex64,
  decoded: z.strictObject({ encoding: z.enum(ENCODINGS), bytes: count, sha256: hex64 }).optional(),
});

const allowList = z.strictObject({
  kind: z.literal('allow-list'),
  kept: count,
  counts: z.record(name, count),
});

const fillList = z.strictObject({
  kind: z.literal('fill-list'),
  detail: z.enum(['full', 'brief']),
  bytes: count.optional(),
  causes: z.array(
    z.strictObject({
      cause: name,
      places: count,
      bytes: count.optional(),
      extents: z.array(z.strictObject({ offset: count, length: count })).optional(),
    }),
  ),
});

const manifestShape = z.strictObject({
  schemaVersion: z.literal(1),
  type: z.literal(MANIFEST_TYPE),
  tool: z.strictObject({
    name: z.literal('dumpsieve'),
    version: name,
    rules: z.strictObject({ count, sha256: hex64 }),
  }),
  format: name,
  keep: z.enum(['all', 'backtrace', 'unchanged']),
  paths: z.enum(['keep', 'hash']),
  fill: z.strictObject({
    byte,
    text: byte.optional(),
    word: z
      .string()
      .regex(/^0x[0-9a-f]{8}(?:[0-9a-f]{8})?$/)
      .optional(),
  }),
  plan: z.discriminatedUnion('kind', [allowList, fillList]),
  coverage,
  acceptedLimits: z.array(name),
  input: digest.optional(),
  output: digest,
});

/** What is wrong with a value that should be a manifest; empty if nothing is. Paths alone, no values. */
export function manifestProblems(value: unknown): string[] {
  const { success, error } = manifestShape.safeParse(value);
  if (success) return [];
  return error.issues.map(({ path, code }) => `${path.join('.') || 'the whole'}: ${code}`);
}

export function isManifest(value: unknown): value is Manifest {
  return manifestShape.safeParse(value).success;
}

export function manifestSchema(): Record<string, unknown> {
  const { $schema, ...shape } = z.toJSONSchema(manifestShape, { target: 'draft-2020-12' });
  return {
    $schema,
    title: 'dumpsieve redaction manifest',
    description: 'What dumpsieve redact writes beside a copy, and dumpsieve verify checks.',
    ...shape,
  };
}
