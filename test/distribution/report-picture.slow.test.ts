import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { PICTURE, reportPicture } from '../../fixtures/report-picture.js';
import { asset } from '../../src/core/base/runtime/assets.js';

test("the README's picture matches a scan of today (node dist/fixtures/report-picture.js draws it)", () => {
  const picture = reportPicture();
  expect(picture).toContain('RSA\u00a02048\u00a0private\u00a0key');
  expect(picture).toBe(readFileSync(asset(PICTURE), 'utf8'));
});
