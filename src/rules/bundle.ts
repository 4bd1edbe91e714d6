import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { asset } from '../base/runtime/assets.js';
import { BUNDLE, type Bundle } from './builtin.js';
import { compileRules, digestOf } from './compile.js';
import { type BundledRule, hydrate } from './hydrate.js';
import { readRuleFiles } from './load.js';
import { ruleFileSchema } from './schema.js';
import { selectRules } from './select.js';

/** Build step (`node dist/src/rules/bundle.js`): rules/*.yaml to dist/rules.json, and the schema for editors beside it. */

const sources = await readRuleFiles(fileURLToPath(asset('rules')));
const rules = sources.map((rule) => ({ ...rule, sha256: digestOf(hydrate(rule)) }));
const hydrated = rules.map(hydrate);
const bundle: Bundle<BundledRule> = { rules, sha256: compileRules(selectRules(hydrated)).sha256 };
const set = compileRules(hydrated);
mkdirSync(asset('dist/schema'), { recursive: true });
writeFileSync(asset(BUNDLE), JSON.stringify(bundle));
const schema = z.toJSONSchema(ruleFileSchema, { io: 'input', target: 'draft-7' });
writeFileSync(asset('dist/schema/rules.schema.json'), `${JSON.stringify(schema, null, 2)}\n`);
console.log(`${set.rules.length} rules, ${set.literals.length} literals`);
