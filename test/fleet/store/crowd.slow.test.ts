import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { openStore } from '../../../fleet/src/store/open.js';
import { describeWith } from '../../support/describe.js';
import { TestPostgres } from '../postgres.js';
import { crowdCases } from './crowd-cases.js';

const CROWD = { dumps: 1000, findings: 100, secrets: 6000, keys: 600 };

describe('a file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dumpsieve-crowd-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  crowdCases(() => openStore(join(folder, 'store')), CROWD);
});

describeWith(['postgresql'], 'a server', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await TestPostgres.start();
  });
  afterAll(() => server.remove());
  crowdCases(async () => openStore(await server.newDatabase()), CROWD);
});
