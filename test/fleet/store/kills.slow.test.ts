import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeWith } from '../../support/describe.js';
import { TestPostgres } from '../postgres.js';
import { processCases } from './process-cases.js';

const LARGE = { dumps: 2000, writers: 3, kills: 30 };

let folder: string;
let stores = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dumpsieve-kills-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = async () => join(folder, `${stores++}.store`);

describe('processes on a file', () => processCases(file, file, LARGE));

describeWith(['postgresql'], 'processes on a server', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await TestPostgres.start();
  });
  afterAll(() => server.remove());
  processCases(() => server.newDatabase(), file, LARGE);
});
