import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { asset } from '../../src/base/runtime/assets.js';

/** Compares with test/report/NAME, which UPDATE_GOLDEN=1 writes anew: read the difference before it is committed. */
export function expectGolden(name: string, text: string): void {
  const file = asset(`test/report/${name}`);
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(existsSync(file)).toBe(true);
  expect(text).toBe(readFileSync(file, 'utf8'));
}
