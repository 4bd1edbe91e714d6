import { expect, test } from '@jest/globals';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { dumpSigner, nameOf, needsOf, SIGNERS, spkiOf } from './nonces/programs.js';
import { judge } from './nonces/verdict.js';

/** The quickest of three languages; bench/nonces.ts runs all programs. */
const CHOSEN = ['JavaScript BigInt, P-256', 'Python integers', 'Ruby integers'];

const chosen = SIGNERS.filter((each) => CHOSEN.some((name) => nameOf(each).startsWith(name)));

for (const signer of chosen)
  describeWith(needsOf(signer), `a core of ${nameOf(signer)}`, () => {
    test('yields its key, and no nonce that counts', () =>
      withTempDir(async (folder) => {
        const { report, status } = await scanJson([await dumpSigner(signer, folder)]);
        expect(status).toBe(1);
        expect(judge(report, spkiOf(signer))).toMatchObject({ key: 'counted', counted: [] });
      }));
  });
