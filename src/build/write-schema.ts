import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../base/runtime/assets.js';
import { reportSchema } from '../report/schema.js';

// Build step, after tsc: the schema of the report in the package, or in the file of the first argument.
const file = process.argv[2] ?? fileURLToPath(asset('dist/schema/report.schema.json'));
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(reportSchema('open'), null, 2)}\n`);
