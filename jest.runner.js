import module, { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import circus from 'jest-circus/runner';
import { resolve, runWith } from './jest.globals.js';

/**
 * Runs a test file by jest-circus, jest's own runner, with one difference: it is loaded by Node, not into a
 * context of its own. So the modules that it shares with other files are loaded, evaluated and optimized once
 * in a worker; for each file anew, that was a fifth of the processor time.
 */

const require = createRequire(import.meta.url);

// Node 20 has hooks only in a thread.
if (module.registerHooks) module.registerHooks({ resolve });
else module.register('./jest.globals.js', import.meta.url);

/** Kinds of test files that share modules. Others are few and long, and may select what a process keeps. */
const SHARED = /[\\/][\w-]+(\.program)?\.test\.js$/;
let instances = 0;

/** Loads a test file, and what it imports unless another file of this worker has. */
function load(file) {
  const { href } = pathToFileURL(file);
  if (SHARED.test(file)) return import(href);
  instances += 1;
  return import(`${href}?instance=${instances}`);
}

/** Loads the part of circus that holds what one file has defined, without that of the file before. */
function freshCircus(path) {
  for (const symbol of Object.getOwnPropertySymbols(globalThis))
    if (['EVENT_HANDLERS', 'JEST_STATE_SYMBOL'].includes(symbol.description)) delete globalThis[symbol];
  delete require.cache[path];
  return require(path);
}

/** What all files of a worker share besides modules. */
const shared = () => JSON.stringify([process.cwd(), process.env]);

export default async function run(globalConfig, config, environment, runtime, path, report) {
  const { moduleMocker: mocker } = environment;
  const jest = {
    restoreAllMocks: () => mocker.restoreAllMocks(),
    spyOn: (object, name) => mocker.spyOn(object, name),
  };
  const native = Object.create(runtime, {
    requireInternalModule: { value: freshCircus },
    setGlobalsForRuntime: { value: (globals) => runWith({ ...globals, jest }) },
    unstable_importModule: { value: load },
    unstable_shouldLoadAsEsm: { value: () => true },
  });
  const { console } = globalThis;
  globalThis.console = environment.global.console;
  const before = shared();
  try {
    const result = await circus.default(globalConfig, config, environment, native, path, report);
    if (shared() !== before) throw new Error('the file left another working folder or environment');
    return result;
  } finally {
    globalThis.console = console;
    mocker.restoreAllMocks();
  }
}
