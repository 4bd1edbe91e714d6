const shared = {
  platform: 'node',
  logLevel: 'silent',
};

const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text of one byte a character, as bin/load.js reads it: the engine takes it at half the cost. Behind the minifier, which undoes escapes. */
const ascii = {
  name: 'ascii',
  generateBundle: (_, parts) => {
    for (const part of Object.values(parts)) part.code = part.code.replace(/[^\0-\x7f]/g, escaped);
  },
};

/** Node's own modules, each loaded at the first use of what it exports: together they take as long as a small file's sweep. */
const late = {
  name: 'late',
  // Commander starts programs for verbs that are files of their own, of which there are none.
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

/** Entry points of threads: as a module names them in the compiler's output, and as the package ships them. */
const THREADS = {
  "'./worker.js', import.meta.url": "'../../bin/worker.js', import.meta.url",
  "'./rsa-job.js', import.meta.url": "'../threads/rsa-job.cjs', import.meta.url",
};

/** Redirects the modules that start threads to the shipped entry points; a build in which one is not found fails. */
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
    buildEnd: () => {
      if (missing.size > 0) throw new Error(`no module starts a thread by ${[...missing].join(' or ')}`);
    },
  };
};

/** What bin/load.js loads: parts of one program in one folder. */
const program = (dir) => ({
  dir,
  format: 'cjs',
  dynamicImportInCjs: false,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name].cjs',
  // What bin/load.js calls each part with.
  postBanner: `/* May hold commander (MIT, TJ Holowaychuk and contributors) and chalk (MIT, Sindre Sorhus). */
(function (exports, require, module, __filename) {`,
  postFooter: '})',
  minify: { compress: false, mangle: false },
});

/**
 * What ships, in place of 250 modules, which Node takes longer to load than a small dump to scan (docs/performance.md, "Start"): the
 * library, and the program and the threads of both in parts, whose compiled code is kept beside them (src/build/write-code-cache.ts).
 * Dependencies stay packages, but for those two that every run of the program needs. The folders lie two below the package's
 * root; src/sweep/worker-handle.ts starts the threads, src/source/decode-thread.ts one that lies beside it.
 */
export default [
  {
    ...shared,
    input: {
      index: 'dist/src/index.js',
      'decode-worker': 'dist/src/source/decode-worker.js',
    },
    external: /^[^./]/,
    plugins: [threads()],
    output: {
      dir: 'dist/bundle',
      cleanDir: true,
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
    },
  },
  {
    ...shared,
    input: { main: 'dist/src/cli/main.js' },
    external: /^(?!(commander|chalk)$|#)[^./]/,
    plugins: [threads(), late, ascii],
    output: program('dist/bundle'),
  },
  {
    ...shared,
    input: { worker: 'dist/src/sweep/worker.js', 'rsa-job': 'dist/src/pipeline/rsa-job.js' },
    external: /^[^./]/,
    plugins: [late, ascii],
    output: { ...program('dist/threads'), cleanDir: true },
  },
];
