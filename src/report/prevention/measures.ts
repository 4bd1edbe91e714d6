import { z } from 'zod';
import { readAsset } from '../../core/base/runtime/assets.js';
import { lazy } from '../../core/base/runtime/lazy.js';
import { parseYaml } from '../../core/base/text/yaml.js';

/** Loads yaml and zod: import it late. */

/** The rows of all measures, beside the package's root. */
export const MEASURES_FILE = 'prevention/measures.yaml';

const RUNTIMES = ['linux', 'windows', 'macos', 'node', 'java', 'python', 'go', 'dotnet'] as const;
const LIBRARIES = ['openssl', 'libsodium', 'crashpad'] as const;
const FORMS = ['pem', 'encoded', 'numbers', 'text', 'rsa', 'ec'] as const;
const REGIONS = ['heap', 'mapping', 'stack', 'register', 'environment', 'argv', 'object'] as const;

export type DumpedRuntime = (typeof RUNTIMES)[number];
export type LinkedLibrary = (typeof LIBRARIES)[number];
export type Form = (typeof FORMS)[number];

const words = <const Words extends readonly [string, ...string[]]>(all: Words) =>
  z.array(z.enum(all)).min(1).optional();
const text = z.string().min(1);

const measure = z.strictObject({
  /** Names the row in the table of its test. */
  id: z.string().regex(/^[a-z][a-z0-9-]+$/),
  runtime: words(RUNTIMES),
  library: words(LIBRARIES),
  region: words(REGIONS),
  form: words(FORMS),
  measure: text,
  /** What it did to a dump. */
  how: text,
  /** `partly`: some copies stay. `no`: the secret is still there. */
  works: z.enum(['yes', 'partly', 'no']),
  /** The manual. */
  source: text,
  /** `verified`: a test makes a dump without and one with the measure. */
  status: z.enum(['verified', 'documented']),
  /** The file of that test. */
  test: z
    .string()
    .regex(/^test\/report\/prevention\/[\w-]+(?:\.(?:program|heavy|slow))?\.test\.ts$/)
    .optional(),
});

/** What keeps a secret out of the next dump, or only seems to. */
export type Measure = z.infer<typeof measure>;

const table = z
  .array(measure)
  .refine((rows) => new Set(rows.map(({ id }) => id)).size === rows.length, {
    message: 'each row has its own id',
  })
  .refine((rows) => rows.every(({ status, test }) => status !== 'verified' || test !== undefined), {
    message: 'a verified row names its test',
  });

/** Throws for a table that is not valid: it ships with the package, and a test reads it. */
export function parseMeasures(content: string): Measure[] {
  const yaml = parseYaml(MEASURES_FILE, content);
  if ('problems' in yaml) throw new Error(yaml.problems.join('\n'));
  return table.parse(yaml.value);
}

export const measures = lazy((): Measure[] => parseMeasures(readAsset(MEASURES_FILE).toString('utf8')));
