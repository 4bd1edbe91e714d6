import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { sessionVectors } from '../../../fixtures/sessions.js';
import type { Finding } from '../../../src/core/model/report.js';
import { withTempDir } from '../../support/folder.js';
import { scan } from '../../support/scan.js';

/** A value of `--find` that signs sessions of the dump, in a form that no search of a scan reads. */

const { token, secret } = sessionVectors().find(({ name }) => name === 'django')!;

/** `contents`: of a dump each. */
const findingsOf = (contents: readonly string[], find: boolean): Promise<Finding[]> =>
  withTempDir(async (folder) => {
    const paths = contents.map((text, i) => {
      const bytes = new SeededRandom(`dump ${i}`).bytes(1 << 16);
      bytes.write(text, 0x1000);
      const path = join(folder, `${i}.raw`);
      writeFileSync(path, bytes);
      return path;
    });
    const target = join(folder, 'settings.env');
    writeFileSync(target, `SECRET_KEY=${secret}\n`);
    const findings: Finding[] = [];
    for await (const event of scan({ paths, ...(find && { find: [target] }) }))
      if (event.type === 'finding') findings.push(event);
    return findings.filter(({ ruleId }) => ruleId !== 'django-session');
  });

const hidden = `\0${Buffer.from(secret).toString('base64')}\0`;
const session = `\0sessionid=${token}\0`;
const SIGNED = expect.stringMatching(/^signed the Django session at 0x/);

test('says which session it signs', async () => {
  expect(await findingsOf([session + hidden], false)).toEqual([]);
  expect(await findingsOf([session + hidden], true)).toMatchObject([
    { confidence: 'proven', proof: expect.arrayContaining([SIGNED]), occurrences: [{ encoding: 'base64' }] },
  ]);
});

test('says nothing of sessions of other dumps', async () => {
  const [found, ...more] = await findingsOf([session, hidden], true);
  expect(more).toEqual([]);
  expect(found).toMatchObject({ confidence: 'high' });
  expect(found!.proof).not.toContainEqual(SIGNED);
});

test('says it of the dump with the session, whichever comes first', async () => {
  expect(await findingsOf([hidden, session + hidden], true)).toMatchObject([
    { confidence: 'proven', proof: expect.arrayContaining([SIGNED]) },
  ]);
});
