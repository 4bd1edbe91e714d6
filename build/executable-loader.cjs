/**
 * The package in one file: what it has on disk elsewhere is an asset of the executable, by its path from the
 * root. This is the start of the executable, and of each of its threads (build/executable.mjs appends
 * what to start): modules of the package are loaded from assets, and see assets as files and threads.
 */
const { getAsset, getRawAsset } = require('node:sea');
const fs = require('node:fs');
const nodeModule = require('node:module');
const { dirname, join } = require('node:path');
const { fileURLToPath } = require('node:url');
const { Script } = require('node:vm');
const threads = require('node:worker_threads');

/** Root folder of the package. The executable is a file: no file of the user's can be below it. */
const ROOT = `${process.execPath}/`;
/** Names of all assets. */
const NAMES = new Set(JSON.parse(getAsset('names.json', 'utf8')));
/** The code cache is that of the Node which has it: it needs no name of its own (bin/load.js). */
const CACHE = /(?<=^dist\/\w+\/compiled\/)[^/]+\//;

/** The name of an asset, by its path or URL; undefined for all other files. */
function assetAt(file) {
  const path = file instanceof URL ? fileURLToPath(file) : file;
  if (typeof path !== 'string' || !path.startsWith(ROOT)) return undefined;
  return path.slice(ROOT.length).replace(CACHE, '');
}

const missing = (name, code) => Object.assign(new Error(`${code}: the executable has no ${name}`), { code });

/** The content of an asset, as readFileSync gives it. Raw assets are memory that cannot be written to. */
function readAsset(name, options) {
  if (!NAMES.has(name)) throw missing(name, 'ENOENT');
  const encoding = typeof options === 'string' ? options : options?.encoding;
  return encoding ? Buffer.from(getRawAsset(name)).toString(encoding) : Buffer.from(getAsset(name));
}

/** A module of Node's with some members replaced. Getters are copied as such: they load at first use. */
const changed = (module, members) =>
  Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(module), ...Object.getOwnPropertyDescriptors(members) },
  );

/** True for what only files have: their content is in the executable. */
const files = changed(fs, {
  existsSync(file) {
    const name = assetAt(file);
    return name === undefined ? fs.existsSync(file) : NAMES.has(name);
  },
  readFileSync(file, options) {
    const name = typeof file === 'number' ? undefined : assetAt(file);
    return name === undefined ? fs.readFileSync(file, options) : readAsset(name, options);
  },
});

/** A thread of this package. Node takes no URL of an asset, but code. */
class Worker extends threads.Worker {
  constructor(file, options) {
    const name = assetAt(file);
    if (name === undefined || !NAMES.has(name)) throw missing(String(file), 'MODULE_NOT_FOUND');
    const code = `${getAsset('loader.cjs', 'utf8')}\nload(${JSON.stringify(name)});`;
    super(code, { ...options, eval: true });
  }
}

/** Node's function of this name, for a module by its path or the text of its URL. */
function createRequire(from) {
  return requireOf(assetAt(/^file:/.test(from) ? new URL(from) : from));
}

const BUILTIN = {
  fs: files,
  module: changed(nodeModule, { createRequire }),
  worker_threads: changed(threads, { Worker }),
};

/** `require` of a module, by its name. */
const requireOf = (from) => (id) => {
  const builtin = BUILTIN[id.replace(/^node:/, '')];
  if (builtin) return builtin;
  if (id.startsWith('.')) return load(join(dirname(from), id));
  if (nodeModule.isBuiltin(id)) return require(id);
  return load(`node_modules/${id}.cjs`);
};

const loaded = new Map();

/** The exports of a CommonJS module among the assets. */
function load(name) {
  const known = loaded.get(name);
  if (known) return known.exports;
  if (!NAMES.has(name)) throw missing(name, 'MODULE_NOT_FOUND');
  const module = { exports: {} };
  loaded.set(name, module);
  const filename = ROOT + name;
  const code = readAsset(name, 'utf8').replace(/^#!.*/, '');
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${code}\n})`, {
    filename,
  });
  const run = script.runInThisContext();
  run(module.exports, requireOf(name), module, filename, dirname(filename));
  return module.exports;
}
