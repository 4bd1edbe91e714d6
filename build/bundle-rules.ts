import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { asset } from '../src/core/base/runtime/assets.js';
import { BUNDLE, type Bundle } from '../src/rules/builtin.js';
import { divide, type PackedLiteral, packLiteral, type SlimRule } from '../src/rules/bundle.js';
import { compileRules, digestOf } from '../src/rules/compile.js';
import { hydrate } from '../src/rules/hydrate.js';
import { readRuleFiles } from '../src/rules/load.js';
import { selectRules } from '../src/rules/select.js';
import { ruleFileSchema } from '../src/rules/value-schema.js';
import { writeWhole } from './write-whole.js';

/**
 * Build step: rules/*.yaml to dist/rules.json and dist/rule-texts.json, and the schema for editors.
 */

const sources = await readRuleFiles(fileURLToPath(asset('rules')));
const rules = sources.map((rule) => ({ ...rule, sha256: digestOf(hydrate(rule)) }));
const hydrated = rules.map(hydrate);
const parts = rules.map(divide);
const { literals, sha256 } = compileRules(selectRules(hydrated));
const bundle: Bundle<SlimRule, PackedLiteral> = {
  rules: parts.map(([rule]) => rule),
  literals: literals.map(packLiteral),
  sha256,
};
const set = compileRules(hydrated);
writeWhole(asset(BUNDLE.rules), JSON.stringify(bundle));
writeWhole(asset(BUNDLE.texts), JSON.stringify(parts.map(([, texts]) => texts)));
const schema = z.toJSONSchema(ruleFileSchema, { io: 'input', target: 'draft-7' });
writeWhole(asset('dist/schema/rules.schema.json'), `${JSON.stringify(schema, null, 2)}\n`);
export const made = `${set.rules.length} rules, ${set.literals.length} literals`;
