import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../src/core/base/runtime/assets.js';
import { policySchema } from '../src/guard/policy/policy-schema.js';
import { manifestSchema } from '../src/redact/manifest/schema.js';
import { reportSchema } from '../src/report/schema.js';
import { writeWhole } from './write-whole.js';

// Build step: the schemas of reports, manifests and policies in the package, or in the folder of the
// first argument.
const folder = process.argv[2] ?? fileURLToPath(asset('dist/schema/'));
for (const [name, schema] of [
  ['report', reportSchema('open')],
  ['manifest', manifestSchema()],
  ['guard', policySchema()],
] as const)
  writeWhole(join(folder, `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
