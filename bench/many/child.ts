/**
 * One variant in a process of its own: `child.js LIBRARY VARIANT FOLDER COPIES`. Prints {@link Measured} as
 * JSON.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Library, VARIANTS } from './variants.js';

/** Milliseconds of the work, the loading of the library left out, and dumps with a key. */
export interface Measured {
  processor: number;
  wall: number;
  /** Seconds from the start to the first result of a dump. */
  first: number;
  found: number;
}

const [path = '', variant = '', folder = '', copies = ''] = process.argv.slice(2);
const library = (await import(pathToFileURL(path).href)) as Library;
const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.raw'))
  .map((name) => join(folder, name))
  .sort();
const before = process.cpuUsage();
const start = performance.now();
let first = Number.NaN;
const found = await VARIANTS[Number(variant)]!.run({
  ...{ library, paths, folder, copies },
  first() {
    if (Number.isNaN(first)) first = performance.now() - start;
  },
});
const { user, system } = process.cpuUsage(before);
const measured: Measured = {
  processor: (user + system) / 1000,
  wall: performance.now() - start,
  first,
  found,
};
process.stdout.write(JSON.stringify(measured));
