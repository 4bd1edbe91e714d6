import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';

/** Compares with test/report/NAME. UPDATE_GOLDEN=1 writes that file anew: review the difference. */
export function expectGolden(name: string, text: string): void {
  const file = asset(`test/report/${name}`);
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(existsSync(file)).toBe(true);
  expect(text).toBe(readFileSync(file, 'utf8'));
}
