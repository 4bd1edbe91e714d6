import { expect, test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import type { RequirementName } from '../support/programs.js';
import { describeAll, searchFile, spkiOf } from './harness.js';
import { dumpSigner, makeKeys, type SIGNERS } from './signers.js';

/** Keys found as bare numbers in the dump of each signer, and their layout there. */
const EXPECTED: { name: keyof typeof SIGNERS; needs: RequirementName[]; found: Record<string, string> }[] = [
  { name: 'node', needs: [], found: { rsa: 'limbs-le', ec: 'limbs-le', ed25519: 'bytes-be' } },
  {
    name: 'python',
    needs: ['python3-cryptography'],
    found: { rsa: 'limbs-le', ec: 'limbs-le', ed25519: 'bytes-be' },
  },
  { name: 'openssl s_server with RSA', needs: ['openssl'], found: { rsa: 'limbs-le' } },
  { name: 'openssl s_server with EC', needs: ['openssl'], found: { ec: 'limbs-le' } },
  { name: 'nginx', needs: ['nginx', 'openssl'], found: { rsa: 'limbs-le', ec: 'limbs-le' } },
  { name: 'java', needs: ['java'], found: { rsa: 'int32-msw', ec: 'limbs-le', ed25519: 'bytes-be' } },
];

for (const { name, needs, found } of EXPECTED) {
  describeWith(['gdb', ...needs], `a core of ${name}`, () => {
    test('gives its keys, proven, and no other', async () => {
      await withTempDir(async (folder) => {
        const keys = makeKeys();
        const result = searchFile(await dumpSigner(name, keys, folder));
        const named = describeAll(result).map(({ spki, encoding }) => {
          const key = Object.keys(keys).find((each) => spkiOf(keys[each]!) === spki);
          return [key ?? 'unknown', encoding];
        });
        expect(Object.fromEntries(named)).toEqual(found);
        expect(named).toHaveLength(Object.keys(found).length);
      });
    });
  });
}
