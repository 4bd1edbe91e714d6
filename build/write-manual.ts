import { configSchema } from '../src/cli/config-schema.js';
import { SCAN_FLAGS } from '../src/cli/flags.js';
import { version } from '../src/cli/help.js';
import { manualPage } from '../src/cli/man.js';
import { addLateVerbs, createProgram } from '../src/cli/program.js';
import { asset } from '../src/core/base/runtime/assets.js';
import { writeWhole } from './write-whole.js';

/** Build step: the manual page and the schema of the configuration, from the tables of verbs and flags. */
const ignored = () => {};
const program = await addLateVerbs(createProgram(ignored), ignored);
writeWhole(asset('dist/man/dumpsieve.1'), manualPage(program, version()));
writeWhole(asset('dist/schema/config.schema.json'), `${JSON.stringify(configSchema(SCAN_FLAGS), null, 2)}\n`);
