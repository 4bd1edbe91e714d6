import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { openStore } from '../../../fleet/src/store/open.js';
import { workCases } from './work-cases.js';

let folder: string;
let stores = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dumpsieve-store-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('work in a file', () => {
  workCases(() => openStore(join(folder, `${stores++}.store`)));
});
