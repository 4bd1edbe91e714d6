import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../base/runtime/assets.js';
import { reportSchema } from '../report/schema.js';

// A program of the build, run after tsc: the schema ships in the package. An argument names another file.
const file = process.argv[2] ?? fileURLToPath(asset('dist/schema/report.schema.json'));
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(reportSchema('open'), null, 2)}\n`);
