import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { asset } from '../assets.js';
import { BUNDLE } from './builtin.js';
import { compileRules, digestOf } from './compile.js';
import { hydrate } from './hydrate.js';
import { readRuleFiles } from './load.js';
import { ruleFileSchema } from './schema.js';

/** Build step (`node dist/src/rules/bundle.js`): rules/*.yaml to dist/rules.json, and the schema for editors beside it. */

const sources = await readRuleFiles(fileURLToPath(asset('rules')));
const bundled = sources.map((rule) => ({ ...rule, sha256: digestOf(hydrate(rule)) }));
const set = compileRules(bundled.map(hydrate));
mkdirSync(asset('dist/schema'), { recursive: true });
writeFileSync(asset(BUNDLE), JSON.stringify(bundled));
const schema = z.toJSONSchema(ruleFileSchema, { io: 'input', target: 'draft-7' });
writeFileSync(asset('dist/schema/rules.schema.json'), `${JSON.stringify(schema, null, 2)}\n`);
console.log(`${set.rules.length} rules, ${set.literals.length} literals`);
