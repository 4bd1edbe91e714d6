import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { licenses } from './executable-licenses.mjs';
import { pathOf } from './steps.mjs';

/*
 * The package as a single executable (nodejs.org, "Single executable applications"): the Node that builds it,
 * with the files of the package as assets. executable-loader.cjs loads them.
 */

const WORK = 'dist/.executable';
/** Where Node looks for the blob, and the text that it finds in itself if there is one. */
const RESOURCE = 'NODE_SEA_BLOB';
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
/** Of what the package has: its code comes below, and texts that nothing reads. */
const NOT_ASSETS = new Set([
  ...['bin', 'dist/bundle', 'dist/threads', 'dist/src/**/*.d.ts'],
  ...['dist/man', 'dist/sbom.cdx.json', 'rules', 'docs'],
]);

const require = createRequire(import.meta.url);
const { Program } = require('../bin/load.js');
const description = JSON.parse(readFileSync(pathOf('package.json'), 'utf8'));

/** Runs a script by this Node; its output is shown if it fails. */
const byNode = (...args) => execFileSync(process.execPath, args, { stdio: 'pipe' });

/** Files by a path of package.json: a file, a folder, or the files of a folder with an ending. */
function filesAt(path) {
  const [, folder, ending] = /^(.*)\/\*(\.\w+)$/.exec(path) ?? [];
  if (folder !== undefined)
    return readdirSync(pathOf(folder)).flatMap((name) =>
      name.endsWith(ending) ? [`${folder}/${name}`] : [],
    );
  if (path.includes('*')) throw new Error(`package.json: no way to read ${path} of its files`);
  if (!statSync(pathOf(path)).isDirectory()) return [path];
  return readdirSync(pathOf(path)).flatMap((name) => filesAt(`${path}/${name}`));
}

/** Parts of the program in a folder of dist, and their code cache of this Node without its name. */
function partsIn(folder) {
  const { compiled } = new Program(folder);
  const parts = readdirSync(pathOf(`dist/${folder}`)).filter((name) => name.endsWith('.cjs'));
  const cached = readdirSync(compiled);
  return [
    ...parts.map((name) => [`dist/${folder}/${name}`, pathOf(`dist/${folder}/${name}`)]),
    ...cached.map((name) => [`dist/${folder}/compiled/${name}`, join(compiled, name)]),
  ];
}

/** Bundles of what is no part, by names of assets: the thread that decodes, and the dependencies. */
async function bundled() {
  const { build } = await import('rolldown');
  const packages = Object.keys(description.dependencies);
  const bundle = async (folder, ending, input, external) => {
    const dir = pathOf(`${WORK}/${folder}`);
    await build({
      input,
      external,
      cwd: pathOf('.'),
      platform: 'node',
      logLevel: 'silent',
      resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
      output: {
        dir,
        format: 'cjs',
        dynamicImportInCjs: false,
        entryFileNames: `[name]${ending}`,
        chunkFileNames: '[name]-[hash].cjs',
        minify: { compress: false, mangle: false },
      },
    });
    const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    return files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [`${folder}/${relative(dir, path)}`, path];
    });
  };
  const names = Object.fromEntries(packages.map((name) => [name, name]));
  return [
    ...(await bundle('dist/bundle', '.js', { 'decode-worker': 'src/source/decode-worker.ts' }, packages)),
    ...(await bundle('node_modules', '.cjs', names, [])),
  ];
}

/** Files beside the code of a dependency, which it reads from its own folder. */
const BESIDE = [['node_modules/libarchive.wasm', 'node_modules/libarchive-wasm/dist/libarchive.wasm']];

/** The code cache of the program may be that of another Node. */
function ensureCodeCache() {
  if (!existsSync(new Program('threads').compiled)) byNode(pathOf('dist/steps/write-code-cache.js'));
}

/** All assets by name: their files. */
async function assets() {
  ensureCodeCache();
  const listed = ['package.json', ...description.files.filter((path) => !NOT_ASSETS.has(path))];
  const scripts = ['bin/dumpsieve.js', 'bin/load.js', 'bin/worker.js'];
  const shipped = [...listed.flatMap(filesAt), ...scripts].map((path) => [path, pathOf(path)]);
  const beside = BESIDE.map(([name, path]) => [name, pathOf(path)]);
  return [...shipped, ...partsIn('bundle'), ...partsIn('threads'), ...beside, ...(await bundled())];
}

function checkNode() {
  if (process.platform !== 'linux') throw new Error('the executable is built on Linux only');
  if (process.config.variables.node_shared)
    throw new Error(
      `${process.execPath} needs a library of Node beside it: build with Node.js of nodejs.org`,
    );
}

/** A copy of this Node, with the blob in a section of its own. It is never stripped: that breaks it. */
function inject(blob, target) {
  const made = pathOf(`${WORK}/dumpsieve`);
  copyFileSync(process.execPath, made);
  chmodSync(made, 0o755);
  byNode(require.resolve('postject/dist/cli.js'), made, RESOURCE, blob, '--sentinel-fuse', FUSE);
  renameSync(made, target);
}

/** Writes the executable, and the licences of what is in it beside it; returns what it is. */
export async function buildExecutable(target) {
  checkNode();
  rmSync(pathOf(WORK), { recursive: true, force: true });
  mkdirSync(pathOf(WORK), { recursive: true });
  const files = await assets();
  const write = (name, text) => {
    const path = pathOf(`${WORK}/${name}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  const loader = readFileSync(pathOf('build/executable-loader.cjs'), 'utf8');
  files.push(['loader.cjs', write('loader.cjs', loader)]);
  files.push(['names.json', write('names.json', JSON.stringify(files.map(([name]) => name)))]);
  const output = pathOf(`${WORK}/blob`);
  const configuration = write(
    'configuration.json',
    JSON.stringify({
      main: write('main.cjs', `${loader}\nload('bin/dumpsieve.js');\n`),
      output,
      disableExperimentalSEAWarning: true,
      assets: Object.fromEntries(files),
    }),
  );
  byNode('--experimental-sea-config', configuration);
  inject(output, target);
  writeFileSync(`${target}.licenses.txt`, licenses());
  rmSync(pathOf(WORK), { recursive: true });
  return `${files.length} assets, ${(statSync(target).size / 1e6).toFixed(0)} MB`;
}
