import { expect, test } from '@jest/globals';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { EvidenceNear } from '../../../src/detect/chance/evidence-near.js';
import type { SecretCandidate } from '../../../src/detect/core/types.js';
import { createView } from '../../../src/formats/memory/view.js';
import { rawDump } from '../../../src/formats/others/raw/raw.js';
import { loadBuiltin } from '../../../src/rules/builtin.js';

const builtin = loadBuiltin();
const VALUE = 'Zk3'.padEnd(40, 'q7XvT2');

/** Whether text before a value is evidence for a match of a rule, without tables of names. */
function isEvidence(id: string, before: string): boolean {
  const bytes = Buffer.from(`\0${before}${VALUE}\0`);
  const rule = builtin.find((each) => each.id === id)!;
  const candidate = {
    ...{ rule, secret: new Secret(Buffer.from(VALUE)) },
    ...{ offset: 1 + before.length, length: VALUE.length },
  } as unknown as SecretCandidate;
  return new EvidenceNear(undefined).has(candidate, createView(bufferReader(bytes), rawDump()));
}

test.each([
  ['aws-secret-access-key', 'AWS_SECRET=', true],
  ['aws-secret-access-key', 'aws: ', true],
  ['aws-secret-access-key', '# for Aws ', true],
  ['aws-secret-access-key', 'https://docs.aws.amazon.com/ ', true],
  // Parts of random values and of words.
  ['aws-secret-access-key', 'hAgq3AWs3i ', false],
  ['aws-secret-access-key', 'x-aWs-9 ', false],
  ['aws-secret-access-key', 'laws ', false],
  ['aws-secret-access-key', 'awsome ', false],
  ['yandex-static-secret', 'YANDEX_KEY=', true],
  ['yandex-static-secret', 'storage.yandexcloud.net ', true],
  ['yandex-static-secret', 'myyandex ', false],
  ['yandex-static-secret', 'an object ', false],
])('%s beside %p: %p', (id, before, expected) => {
  expect(isEvidence(id, before)).toBe(expected);
});
