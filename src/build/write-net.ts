import { writeFileSync } from 'node:fs';
import { asset } from '../base/runtime/assets.js';
import { compileNet, NET_IMAGE } from '../rulebook/rulebook.js';
import { loadBuiltin } from '../rules/builtin.js';
import { compileRules } from '../rules/compile.js';
import { packNet } from '../sweep/net-image.js';

/** How often the choice of keys is tried anew: a fifth faster over text, for a few seconds of the build. */
const STARTS = 16;

/** Build step (`node dist/src/build/write-net.js`): the built-in rules' literals, compiled for the kernels. */
writeFileSync(asset(NET_IMAGE), packNet(compileNet(compileRules(loadBuiltin()), STARTS)));
