const { existsSync, readFileSync, statSync } = require('node:fs');
const { createRequire } = require('node:module');
const { basename, join } = require('node:path');
const { Script } = require('node:vm');

const DIST = join(__dirname, '../dist');
/** A part, as required by another part or by a job's URL. */
const PARTS = /^(\.\/|file:\/\/.*\/)[\w-]+\.cjs$/;

/**
 * Folder of V8's code cache (build/write-code-cache.ts), by the Node
 * binary that wrote it. V8 itself compares only its version and flags: it
 * accepts a cache from a Node with other patches, and then runs other code.
 */
function cacheFolder(folder) {
  const { version, versions, platform, arch, execPath } = process;
  const size = statSync(execPath, { throwIfNoEntry: false })?.size ?? 'gone';
  return join(folder, 'compiled', [version, versions.v8, platform, arch, size].join('_'));
}

/** The cached code of a part; undefined if there is none for this Node. */
function cachedCode(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** The code of a part. Its absence is that of a module, not of a file of the user's. */
function sourceOf(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch (cause) {
    throw Object.assign(new Error(`cannot read ${file}`, { cause }), { code: 'MODULE_NOT_FOUND' });
  }
}

/** A program in parts, each a wrapped CommonJS module of the bundle, compiled with its code cache. */
class Program {
  /** Loaded parts by name: script and exports. */
  parts = new Map();

  /** `folder`: of the parts, in dist. */
  constructor(folder = 'bundle') {
    this.folder = join(DIST, folder);
    /** Loads what is no part. */
    this.outside = createRequire(join(this.folder, 'parts.cjs'));
    /** Folder of the code cache. */
    this.compiled = cacheFolder(this.folder);
  }

  /** False in a checkout that is not built. */
  has(name) {
    return existsSync(join(this.folder, name));
  }

  load(name) {
    const known = this.parts.get(name);
    if (known) return known.module.exports;
    const file = join(this.folder, name);
    const source = sourceOf(file);
    const cachedData = cachedCode(join(this.compiled, name));
    // V8 rejects the cache if its flags differ, and compiles again.
    const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
    const module = { exports: {} };
    this.parts.set(name, { script, module });
    const inside = (id) => (PARTS.test(id) ? this.load(basename(id)) : this.outside(id));
    script.runInThisContext()(module.exports, inside, module, file);
    return module.exports;
  }
}

module.exports = { Program };
