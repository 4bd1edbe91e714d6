import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Scanner } from '../../src/index.js';
import { describeWith } from '../support/describe.js';
import { missed, PLANTED } from './planted-containers.js';

const COUNT = 20;

const TOOLS = ['xz', '7z', 'cpio', 'zip', 'gzip', 'gcab', 'python3'] as const;
describeWith([...TOOLS], 'changed containers with a secret in a member', () => {
  let scanner: Scanner;
  beforeAll(async () => {
    scanner = await Scanner.open({ jobs: 1 });
  });
  afterAll(() => scanner.close());

  test.each(PLANTED)('$name', async (kind) => {
    expect(await missed(scanner, kind, COUNT)).toEqual([]);
  });
});
