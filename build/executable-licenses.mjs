import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathOf } from './steps.mjs';

/* Licences of what is in the executable: who passes it on has to pass on these, too. */

/** Node's own, which names those of its libraries, where Node was unpacked. */
const OF_NODE = join(dirname(process.execPath), '../LICENSE');
const FILE = /^(licen[cs]e|copying|notice)(\.\w+)?$/i;

/** Folders of the packages that are no development dependencies, from the root. */
function packages() {
  const { packages } = JSON.parse(readFileSync(pathOf('package-lock.json'), 'utf8'));
  const folders = Object.entries(packages).flatMap(([folder, { dev }]) => (folder && !dev ? [folder] : []));
  return folders.filter((folder) => existsSync(pathOf(folder)));
}

function textOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(pathOf(`${folder}/package.json`), 'utf8'));
  const files = readdirSync(pathOf(folder)).filter((file) => FILE.test(file));
  const texts = files.map((file) => readFileSync(pathOf(`${folder}/${file}`), 'utf8').trim());
  return [`${name} ${version}`, `Licence: ${license}`, ...texts].join('\n\n');
}

/** The licences of this package, its dependencies and this Node, as one text. */
export function licenses() {
  const node = existsSync(OF_NODE)
    ? readFileSync(OF_NODE, 'utf8').trim()
    : `https://github.com/nodejs/node/blob/${process.version}/LICENSE`;
  const texts = ['.', ...packages()].map(textOf);
  return `${[...texts, `Node.js ${process.version}\n\n${node}`].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
