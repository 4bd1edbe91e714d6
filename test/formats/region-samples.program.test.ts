import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeWithSamples } from '../support/samples.js';
import { wrongRegions } from './regions.js';

/** Bytes between two places that are looked at one by one; a prime, so that no alignment is preferred. */
const STEP = 61;
const LARGE = { bytes: 1e6, step: 4093 };

describeWithSamples('regions of real dumps', (folder) => {
  const files = ['elf-core', 'minidump', 'hprof', 'kdump', 'other'].flatMap((kind) =>
    readdirSync(join(folder, kind))
      .filter((name) => !/\.[gx]z$/.test(name))
      .map((name) => join(kind, name)),
  );

  test.each(files)('%s: as the dump says of each byte', (file) => {
    const bytes = readFileSync(join(folder, file));
    const step = bytes.length > LARGE.bytes ? LARGE.step : STEP;
    // Objects of a heap have names of their own; its regions are records.
    expect(wrongRegions(bytes, step, !file.startsWith('hprof'))).toEqual([]);
  });
});
