import { mkdirSync, writeFileSync } from 'node:fs';
import { asset } from '../assets.js';
import { reportSchema } from './schema.js';

// Run by the build, after tsc: the schema ships in the package.
mkdirSync(asset('dist/schema/'), { recursive: true });
writeFileSync(asset('dist/schema/report.schema.json'), `${JSON.stringify(reportSchema('open'), null, 2)}\n`);
