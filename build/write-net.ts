import { asset } from '../src/core/base/runtime/assets.js';
import { compileNet } from '../src/detect/rulebook/compile-net.js';
import { NET_IMAGE } from '../src/detect/rulebook/rulebook.js';
import { loadBuiltin } from '../src/rules/builtin.js';
import { compileRules } from '../src/rules/compile.js';
import { selectRules } from '../src/rules/select.js';
import { packNet } from '../src/sweep/net-image.js';
import { writeWhole } from './write-whole.js';

/** Restarts of the choice of keys, for 3 s of the build: text is swept a fifth faster. */
const STARTS = 12;

/**
 * Build step: compiles the literals of the built-in rules for the kernels. Tables of values hold indices of
 * rules: they must be those of a scan by default, without the rules that are off.
 */
const rules = selectRules(loadBuiltin());
writeWhole(asset(NET_IMAGE), packNet(compileNet(compileRules(rules), STARTS)));
