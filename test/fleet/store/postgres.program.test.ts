import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { openStore } from '../../../fleet/src/store/open.js';
import { describeWith } from '../../support/describe.js';
import { TestPostgres } from '../postgres.js';
import { crowdCases } from './crowd-cases.js';
import { processCases } from './process-cases.js';
import { questionCases } from './question-cases.js';
import { workCases } from './work-cases.js';

const CROWD = { dumps: 60, findings: 20, secrets: 300, keys: 30 };

describeWith(['postgresql'], 'a store on a server', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await TestPostgres.start();
  });
  afterAll(() => server.remove());

  let url: string | undefined;
  // A database of its own for each test takes twice as long.
  const open = async () => {
    url ??= await server.newDatabase();
    const store = await openStore(url);
    await server.empty(url);
    return store;
  };
  describe('work', () => workCases(open));
  describe('many findings', () => crowdCases(open, CROWD));
  describe('questions', () => questionCases(open));

  // The comparison is with a file: both give the same answers.
  describe('processes', () => {
    const file = async () => join(server.folder, 'store');
    processCases(() => server.newDatabase(), file, { dumps: 100, writers: 2, kills: 2 });
  });
});
