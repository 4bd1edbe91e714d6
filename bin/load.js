const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');

const FOLDER = join(__dirname, '../dist/bundle');
const PARTS = /^\.\/[\w-]+\.cjs$/;

/** What the engine compiled of a part when the package was built (src/cli/write-code-cache.ts); undefined: nothing. */
function compiled(file) {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

/** A program in parts, each a CommonJS module in its wrapper, in the folder of the bundle, loaded with what was compiled of it before. */
class Program {
  /** Each part that was loaded: its script and its exports. */
  parts = new Map();

  load(name) {
    const known = this.parts.get(name);
    if (known) return known.module.exports;
    const file = join(FOLDER, name);
    const source = readFileSync(file, 'latin1');
    const cachedData = compiled(file);
    // An engine of another version, or with other flags, refuses it and compiles anew.
    const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
    const module = { exports: {} };
    this.parts.set(name, { file, script, module });
    const outside = createRequire(file);
    const inside = (id) => (PARTS.test(id) ? this.load(id.slice(2)) : outside(id));
    script.runInThisContext()(module.exports, inside, module, file);
    return module.exports;
  }
}

module.exports = { Program };
