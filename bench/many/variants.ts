import { join } from 'node:path';

export type Library = typeof import('../../src/index.js');

/** What a variant works on. */
export interface Work {
  library: Library;
  /** The dumps, and the folder that holds them. */
  paths: readonly string[];
  folder: string;
  /** A folder for copies. */
  copies: string;
  /** To be called when there is a result of a dump; only the first call counts. */
  first(): void;
}

/** A way to work through many small dumps. Returns the number of dumps in which a key was found or filled. */
export interface Variant {
  what: string;
  dumps: number;
  run(work: Work): Promise<number>;
  /** Most milliseconds of processor time a dump. */
  most?: number;
  /** The first result comes before this share of the time. */
  firstWithin?: number;
}

/** Dumps with a finding in a scan of these paths. */
async function found({ library, first }: Work, paths: readonly string[]): Promise<number> {
  let dumps = 0;
  for await (const event of library.scan({ paths })) {
    if (event.type === 'artifact' && event.verdict === 'findings') dumps++;
    if (event.type === 'artifact' || event.type === 'finding') first();
  }
  return dumps;
}

export const VARIANTS: readonly Variant[] = [
  {
    what: 'one `scan()` for each dump',
    dumps: 1000,
    async run(work) {
      let sum = 0;
      for (const path of work.paths) sum += await found(work, [path]);
      return sum;
    },
  },
  {
    what: 'one `Scanner.scan()` for each dump',
    dumps: 1000,
    most: 25,
    async run({ library, paths, first }) {
      const scanner = await library.Scanner.open();
      let dumps = 0;
      for (const path of paths)
        for await (const event of scanner.scan(path)) {
          if (event.type === 'finding') first();
          if (event.type === 'artifact' && event.verdict === 'findings') dumps++;
        }
      await scanner.close();
      return dumps;
    },
  },
  {
    what: 'one `Scanner.scan()` of the folder',
    dumps: 10_000,
    firstWithin: 0.01,
    async run({ library, folder, first }) {
      const scanner = await library.Scanner.open();
      let dumps = 0;
      for await (const event of scanner.scan(folder)) {
        if (event.type === 'finding') first();
        if (event.type === 'artifact' && event.verdict === 'findings') dumps++;
      }
      await scanner.close();
      return dumps;
    },
  },
  {
    what: '`redactFolder()`',
    dumps: 200,
    most: 100,
    firstWithin: 0.25,
    async run({ library, folder, copies, first }) {
      let sum = 0;
      for await (const { copy } of library.redactFolder({ input: folder, output: join(copies, 'all') })) {
        if (copy?.keep !== 'all' || copy.filled === 0) continue;
        sum++;
        first();
      }
      return sum;
    },
  },
  {
    what: 'one `scan()` of the folder',
    dumps: 10_000,
    run: (work) => found(work, [work.folder]),
  },
];
