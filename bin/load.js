const { readFileSync, statSync } = require('node:fs');
const { createRequire } = require('node:module');
const { basename, join } = require('node:path');
const { Script } = require('node:vm');

const DIST = join(__dirname, '../dist');
/** A part as another one names it, and as an order to a thread does. */
const PARTS = /^(\.\/|file:\/\/.*\/)[\w-]+\.cjs$/;

/**
 * Where what the engine compiled of each part is kept (src/build/write-code-cache.ts), by the very Node that compiled it. V8 itself compares its version
 * and flags alone: it takes what a Node of other patches made, and runs something else.
 */
function compiledFolder(folder) {
  const { version, versions, platform, arch, execPath } = process;
  const size = statSync(execPath, { throwIfNoEntry: false })?.size ?? 'gone';
  return join(folder, 'compiled', [version, versions.v8, platform, arch, size].join('_'));
}

/** Undefined: nothing is kept for this Node. */
function compiled(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** A program in parts, each a CommonJS module in its wrapper, in the folder of the bundle, loaded with what was compiled of it before. */
class Program {
  /** Each part that was loaded: its script and its exports. */
  parts = new Map();

  /** The folder of its parts. */
  constructor(folder = 'bundle') {
    this.folder = join(DIST, folder);
    /** Folder of what is kept. */
    this.compiled = compiledFolder(this.folder);
  }

  load(name) {
    const known = this.parts.get(name);
    if (known) return known.module.exports;
    const file = join(this.folder, name);
    const source = readFileSync(file, 'latin1');
    const cachedData = compiled(join(this.compiled, name));
    // With other flags the engine refuses it and compiles anew.
    const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
    const module = { exports: {} };
    this.parts.set(name, { script, module });
    const outside = createRequire(file);
    const inside = (id) => (PARTS.test(id) ? this.load(basename(id)) : outside(id));
    script.runInThisContext()(module.exports, inside, module, file);
    return module.exports;
  }
}

module.exports = { Program };
