import { afterAll, beforeAll, describe } from '@jest/globals';
import { openStore } from '../../../fleet/src/store/open.js';
import { describeWith } from '../../support/describe.js';
import { TestPostgres } from '../postgres.js';
import { workCases } from './work-cases.js';

describeWith(['postgresql'], 'a store on a server', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await TestPostgres.start();
  });
  afterAll(() => server.remove());

  describe('work', () => {
    let url: string | undefined;
    // A database of its own for each test takes ten times as long.
    workCases(async () => {
      url ??= await server.newDatabase();
      const store = await openStore(url);
      await server.empty(url);
      return store;
    });
  });
});
