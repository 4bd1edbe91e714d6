import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { warnings } from '../../../src/source/containers/decoding/decoder.js';
import { warnings as sourceWarnings } from '../../../src/source/warnings.js';

test('docs/containers.md lists the warnings with their effects', () => {
  const text = readFileSync(asset('docs/containers.md'), 'utf8').split('## Warnings of containers')[1]!;
  const documented = [...text.matchAll(/^\| (`[^|]+) \| (\w+) \|/gm)].flatMap(([, codes, effect]) =>
    [...codes!.matchAll(/`([\w-]+)`/g)].map(([, code]) => `${code} ${effect}`),
  );
  const ofContainers = Object.entries(sourceWarnings.effects).filter(([code]) =>
    /^(?:container-|member-|files-left-out)/.test(code),
  );
  const declared = [...Object.entries(warnings.effects), ...ofContainers].map((row) => row.join(' '));
  expect(documented.sort()).toEqual(declared.sort());
});
