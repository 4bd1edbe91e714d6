const shared = {
  platform: 'node',
  logLevel: 'silent',
  // As the compiler resolves them: a module imports another by the name of its output.
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
};

const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Escapes non-ASCII characters: V8 reads a one-byte string at half the cost (bin/load.js reads latin1). After
 * the minifier, which would undo the escapes.
 */
const ascii = {
  name: 'ascii',
  generateBundle: (_, parts) => {
    for (const part of Object.values(parts)) part.code = part.code.replace(/[^\0-\x7f]/g, escaped);
  },
};

/**
 * Loads Node's built-in modules at their first use: together they take as long as the sweep of a small file.
 */
const late = {
  name: 'late',
  // Commander needs child_process only for subcommands in files of their own, of which there are none.
  transform: (code, id) =>
    id.endsWith('/commander/lib/command.js')
      ? code.replace(
          "require('node:child_process')",
          "{ spawn: (...call) => require('node:child_process').spawn(...call) }",
        )
      : undefined,
  renderChunk: (code) => {
    const names = [];
    const declared = code.replace(
      /^let (node_\w+) = require\("(node:[\w/]+)"\);\n(?:\1 = (\S+)\(\1, 1\);\n)?/gm,
      (_, name, id, wrapped = '') => {
        names.push(name);
        const loaded = `${wrapped}(require("${id}")${wrapped && ', 1'})`;
        return `let ${name}_loaded;\nconst ${name} = () => (${name}_loaded ??= ${loaded});\n`;
      },
    );
    return names.reduce((text, name) => text.replaceAll(`${name}.`, `(${name}()).`), declared);
  },
};

/** Entry points of threads: their URLs in the compiler's output, and in the package. */
const THREADS = {
  "'./worker.js', import.meta.url": "'../../bin/worker.js', import.meta.url",
  "'./rsa-job.js', import.meta.url": "'../threads/rsa-job.cjs', import.meta.url",
  "'./second-sweep-job.js', import.meta.url": "'../threads/second-sweep-job.cjs', import.meta.url",
  "'./mac-job.js', import.meta.url": "'../threads/mac-job.cjs', import.meta.url",
  "'./trial-job.js', import.meta.url": "'../threads/trial-job.cjs', import.meta.url",
  "'./multiples-job.js', import.meta.url": "'../threads/multiples-job.cjs', import.meta.url",
  "'./printed-job.js', import.meta.url": "'../threads/printed-job.cjs', import.meta.url",
  "'./compressed-job.js', import.meta.url": "'../threads/compressed-job.cjs', import.meta.url",
  "'./reverse-pass-job.js', import.meta.url": "'../threads/reverse-pass-job.cjs', import.meta.url",
  "'../fill/windows/window-job.js', import.meta.url": "'../threads/window-job.cjs', import.meta.url",
};

/** Redirects URLs of threads to the entry points of the package; the build fails if one is not found. */
const threads = () => {
  const missing = new Set(Object.keys(THREADS));
  return {
    name: 'threads',
    transform: (code) => {
      let redirected = code;
      for (const [compiled, shipped] of Object.entries(THREADS))
        if (redirected.includes(compiled)) {
          redirected = redirected.replace(compiled, shipped);
          missing.delete(compiled);
        }
      return redirected === code ? undefined : redirected;
    },
    buildEnd: (error) => {
      if (error === undefined && missing.size > 0)
        throw new Error(`no module starts a thread by ${[...missing].join(' or ')}`);
    },
  };
};

/**
 * Two parts for what a scan always loads: without them it would be in 40, cut by what rarer parts share, and
 * opening a file costs as much as reading it.
 */
const groups = () => {
  const ids = { start: new Set(), scan: new Set() };
  const add = (context, to, id, but) => {
    const info = context.getModuleInfo(id);
    if (info === null || info.isExternal || to.has(id) || but?.has(id)) return;
    to.add(id);
    for (const imported of info.importedIds) add(context, to, imported, but);
  };
  const idOf = (context, end) => [...context.getModuleIds()].find((id) => id.endsWith(end));
  return {
    plugin: {
      name: 'groups',
      buildEnd(error) {
        if (error !== undefined) return;
        add(this, ids.start, idOf(this, '/src/cli/main.ts'));
        add(this, ids.scan, idOf(this, '/src/index.ts'), ids.start);
      },
    },
    codeSplitting: {
      groups: Object.entries(ids).map(([name, of]) => ({ name, test: (id) => of.has(id) })),
    },
  };
};

/** The output that bin/load.js loads: parts of one program in one folder. */
const program = (dir) => ({
  dir,
  format: 'cjs',
  dynamicImportInCjs: false,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  // The parameters that bin/load.js passes to each part.
  postBanner: `/* May hold commander (MIT, TJ Holowaychuk and contributors) and chalk (MIT, Sindre Sorhus). */
(function (exports, require, module, __filename) {`,
  postFooter: '})',
  minify: { compress: false, mangle: false },
});

/** Build steps after this one, by the names that steps.mjs imports them by. */
const SCRIPTS = {
  'bundle-rules': 'build/bundle-rules.ts',
  'write-net': 'build/write-net.ts',
  'write-schema': 'build/write-schema.ts',
  'write-manual': 'build/write-manual.ts',
  'write-code-cache': 'build/write-code-cache.ts',
  'write-thread-cache': 'build/write-thread-cache.ts',
  'write-dumps': 'fixtures/build.ts',
};

/**
 * The package has bundles instead of 250 modules, whose loading takes longer than scanning a small dump
 * (docs/performance.md, "Start"): the library, and the program and the threads of both in parts with a code
 * cache (write-code-cache.ts). Dependencies remain packages, except for the two that every run of the program
 * needs. `folder`, one of dist, gets them two levels below the package's root: src/sweep/worker-handle.ts
 * starts the workers, src/source/decode-thread.ts a thread next to the library. It also gets the build steps
 * that are TypeScript.
 */
export function bundles(folder) {
  const parts = groups();
  return [
    {
      ...shared,
      input: {
        index: 'src/index.ts',
        expect: 'src/expect.ts',
        'decode-worker': 'src/source/decode-worker.ts',
        'child-main': 'src/scan/child/child-main.ts',
        'child-watch': 'src/scan/child/child-watch.ts',
        'copy-child-main': 'src/guard/dumps/copy-child-main.ts',
      },
      external: /^[^./]/,
      plugins: [threads()],
      output: {
        dir: `${folder}/bundle`,
        entryFileNames: '[name].js',
        chunkFileNames: '[name]-[hash].js',
      },
    },
    {
      ...shared,
      input: { main: 'src/cli/main.ts' },
      external: /^(?!(commander|chalk)$|#)[^./]/,
      plugins: [threads(), parts.plugin, late, ascii],
      output: { ...program(`${folder}/bundle`), codeSplitting: parts.codeSplitting },
    },
    {
      ...shared,
      input: {
        worker: 'src/sweep/worker.ts',
        'rsa-job': 'src/scan/rsa-job.ts',
        'second-sweep-job': 'src/scan/second-sweep-job.ts',
        'mac-job': 'src/scan/mac-job.ts',
        'trial-job': 'src/scan/trial-job.ts',
        'multiples-job': 'src/scan/multiples-job.ts',
        'compressed-job': 'src/redact/fill/compressed/compressed-job.ts',
        'printed-job': 'src/redact/fill/printed/printed-job.ts',
        'reverse-pass-job': 'src/formats/hprof/owners/reverse-pass-job.ts',
        'window-job': 'src/redact/fill/windows/window-job.ts',
      },
      external: /^[^./]/,
      plugins: [late, ascii],
      output: program(`${folder}/threads`),
    },
    {
      ...shared,
      input: SCRIPTS,
      external: /^[^./]/,
      output: { dir: `${folder}/steps`, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  ];
}

/** The package dumpsieve-fleet: dependencies remain packages, what it takes of src/core/base is copied. */
export const fleetBundle = {
  ...shared,
  input: { index: 'fleet/src/index.ts' },
  external: /^[^./]/,
  output: { dir: 'fleet/dist', entryFileNames: '[name].js', codeSplitting: false },
};
