import { asset } from '../base/runtime/assets.js';
import { configSchema } from '../cli/config-schema.js';
import { SCAN_FLAGS } from '../cli/flags.js';
import { manualPage } from '../cli/man.js';
import { addLateVerbs, createProgram, version } from '../cli/program.js';
import { writeWhole } from './write-whole.js';

/** Build step: the manual page and the schema of the configuration, from the tables of verbs and flags. */
const ignored = () => {};
const program = await addLateVerbs(createProgram(ignored), ignored);
writeWhole(asset('dist/man/dumpsieve.1'), manualPage(program, version()));
writeWhole(asset('dist/schema/config.schema.json'), `${JSON.stringify(configSchema(SCAN_FLAGS), null, 2)}\n`);
