import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { reporters } from '../../src/index.js';
import { reportOf, runCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { shownSecrets } from '../support/naive-oracle.js';
import { dumpOf } from '../support/processes.js';
import { program } from '../support/programs.js';

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const base64 = (bytes: number): string => randomBytes(bytes).toString('base64');

/** Characters of one set. */
function text(count: number, alphabet: string): string {
  return [...randomBytes(count)].map((byte) => alphabet[byte % alphabet.length]).join('');
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** The secret of each variable, with the text before and after it. */
const SECRETS: Readonly<Record<string, readonly [before: string, secret: string, after: string]>> = {
  JWT_SECRET: ['', base64(32), ''],
  SESSION_SECRET: ['', hex(32), ''],
  SECRET_KEY_BASE: ['', hex(64), ''],
  // A root token, or one of a batch of versions before 1.10.
  VAULT_TOKEN: ['hvs.', text(24, LETTERS), ''],
  DATABASE_URL: ['postgres://shop:', text(14, LETTERS), '@db.internal:5432/shop'],
  // An older key: without the checksum of newer ones.
  AZURE_STORAGE_CONNECTION_STRING: [
    'DefaultEndpointsProtocol=https;AccountName=shopfiles;AccountKey=',
    base64(64),
    ';EndpointSuffix=core.windows.net',
  ],
  TWILIO_API_KEY: ['SK', hex(16), ''],
  MAILGUN_API_KEY: ['key-', hex(16), ''],
};

describeWith(['gdb'], 'a server with secrets in its environment', () => {
  test('fails the gate with each of them, and no output shows one', async () => {
    await withTempDir(async (folder) => {
      const env = Object.fromEntries(Object.entries(SECRETS).map(([name, parts]) => [name, parts.join('')]));
      const core = await dumpOf(program('sleep'), ['1000'], folder, { env });
      const formats = Object.keys(reporters);
      const outputs = formats.flatMap((format) => ['--output', `${format}=report.${format}`]);
      const call = [
        'scan',
        '--debug',
        '--format',
        'json',
        '--write-baseline',
        'known.json',
        ...outputs,
        core,
      ];
      const result = await runCli(call, { cwd: folder });
      expect(result.status).toBe(1);

      const bytes = readFileSync(core);
      const counting = reportOf(result).findings.filter(({ counts }) => counts);
      const missed = Object.entries(SECRETS).filter(([name, [before, secret, after]]) => {
        const from = bytes.indexOf(`${name}=${before}${secret}${after}\0`) + name.length + 1;
        const to = from + `${before}${secret}`.length;
        return !counting.some(({ occurrences }) =>
          occurrences.some(({ offset, length }) => offset < to && offset + length > from),
        );
      });
      expect(missed.map(([name]) => name)).toEqual([]);

      const secrets = Object.values(SECRETS).map(([, secret]) => Buffer.from(secret));
      expect(shownSecrets(secrets, result.stdout + result.stderr)).toEqual([]);
      for (const file of [...formats.map((format) => `report.${format}`), 'known.json']) {
        const shown = shownSecrets(secrets, readFileSync(join(folder, file), 'utf8'));
        expect({ file, shown }).toEqual({ file, shown: [] });
      }
    });
  });
});
