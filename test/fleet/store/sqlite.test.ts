import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { openStore } from '../../../fleet/src/store/open.js';
import { crowdCases } from './crowd-cases.js';
import { processCases } from './process-cases.js';
import { questionCases } from './question-cases.js';
import { workCases } from './work-cases.js';

const CROWD = { dumps: 60, findings: 20, secrets: 300, keys: 30 };

let folder: string;
let stores = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dumpsieve-store-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const place = async () => join(folder, `${stores++}.store`);
const open = async () => openStore(await place());
describe('work in a file', () => workCases(open));
describe('many findings in a file', () => crowdCases(open, CROWD));
describe('questions to a file', () => questionCases(open));

describe('processes on a file', () => processCases(place, place, { dumps: 100, writers: 2, kills: 2 }));
