/** Masks the texts on standard input by a library: `mask-child.js LIBRARY FILE...`. */
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const [library = '', ...files] = process.argv.slice(2);
const { maskText } = (await import(pathToFileURL(library).href)) as typeof import('../../src/index.js');
const masked: string[] = [];
for (const each of JSON.parse(await text(process.stdin)) as string[])
  masked.push(await maskText(each, files));
process.stdout.write(JSON.stringify(masked));
