import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { runCli } from '../../support/cli.js';
import { inFolder, KEY } from './signed-copy.js';

/** Exit statuses and texts of the command (docs/redact.md); what is decided: cheats.test.ts. */

const TOKEN = githubToken(new SeededRandom('name of a copy'));
const REDACT = 'redact dump -o copy --keep backtrace';
const VERIFY = 'verify copy.manifest.json copy';

const ROWS: [before: string, line: string, status: number, said: RegExp][] = [
  [
    `${REDACT} --sign minisign.key`,
    `${VERIFY} --key minisign.pub`,
    0,
    /^verified: the copy of a dump \(elf-core\)/,
  ],
  [`${REDACT} --sign key.pem`, `${VERIFY} --key key.pub --quiet`, 0, /^$/],
  [
    `${REDACT} --sign minisign.key`,
    `${VERIFY} --key ${KEY.line}`,
    0,
    /trusted comment: redaction manifest of/,
  ],
  [`${REDACT} --sign minisign.key`, `${VERIFY} --key other.pub`, 1, /^dumpsieve: signature-of-other-key: /],
  [
    `${REDACT} --sign key.pem`,
    'verify copy.manifest.json dump --key key.pub',
    1,
    /content-differs[\s\S]*hint: /,
  ],
  [REDACT, `${VERIFY} --key key.pub`, 1, /signature-missing[\s\S]*hint: redact with --sign KEY/],
  [
    `${REDACT} --sign key.pem`,
    'verify copy copy.manifest.json --key key.pub',
    1,
    /signature-missing[\s\S]*hint: the second file is a manifest.*: say dumpsieve verify copy\.manifest\.json copy\n/,
  ],
  [`${REDACT} --sign key.pem`, 'verify copy.manifest.json none --key key.pub', 2, /verify-unreadable: none/],
  [`${REDACT} --sign key.pem`, VERIFY, 3, /wrong-call: no key is named[\s\S]*hint: say --key/],
  [`${REDACT} --sign key.pem`, `${VERIFY} --key key.pem`, 3, /verify-key-is-private: key.pem/],
  [REDACT, 'verify copy.manifest.json --key key.pub', 3, /wrong-call: no copy is named beside the manifest/],
  [`${REDACT} --sign key.pem --manifest m --hash-input -q`, 'verify m copy --key key.pub', 0, /^verified/],
  [REDACT, `${REDACT} --sign key.pub --force`, 3, /sign-key-is-public: key.pub/],
];

describe('the command', () => {
  test.each(ROWS)('after %s: %s', (before, line, status, said) =>
    inFolder(async ({ folder }) => {
      expect((await runCli(before.split(' '), { cwd: folder })).status).toBe(0);
      const result = await runCli(line.split(' '), { cwd: folder });
      expect(result.status).toBe(status);
      expect(status === 0 ? result.stdout : result.stderr).toMatch(said);
      expect(status === 0 ? result.stderr : result.stdout).toBe('');
    }),
  );

  test('redact prints where the manifest is, and the key that verifies it', () =>
    inFolder(async ({ folder }) => {
      const { stdout } = await runCli(`${REDACT} --sign minisign.key`.split(' '), { cwd: folder });
      expect(stdout).toContain(`manifest: copy.manifest.json\nsigned; verify with --key ${KEY.line}\n`);
    }));

  test('redact masks a secret in the name of the copy', () =>
    inFolder(async ({ folder }) => {
      const name = `of-${TOKEN}`;
      const { stdout, status } = await runCli(['redact', 'dump', '-o', name, '--keep', 'backtrace'], {
        cwd: folder,
      });
      expect(status).toBe(0);
      expect(stdout).toMatch(/^manifest: of-\[masked: /m);
      expect(stdout).not.toContain(TOKEN);
    }));
});
