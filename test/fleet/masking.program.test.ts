import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { shownText } from '../report/html-blocks.js';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { shownSecrets } from '../support/naive-oracle.js';
import { dumps, secrets } from './fixture-secrets.js';

/** No part of a secret of the fixtures is in what a hunt writes: store, answers, figures, messages. */

test('nothing that a hunt writes has 12 bytes of a secret of the fixtures, in any encoding', async () => {
  await withTempDir(async (cwd) => {
    mkdirSync(join(cwd, 'dumps'));
    for (const { name, bytes } of dumps) writeFileSync(join(cwd, 'dumps', name), bytes);
    const [signer] = dumps;
    // A name that is a secret, and one that is asked for.
    const token = signer!.tokens.github!;
    writeFileSync(join(cwd, 'dumps', token), 'a dump');
    writeFileSync(join(cwd, 'wanted.env'), `GITHUB_TOKEN=${token}\n`);
    writeFileSync(join(cwd, 'key.pem'), signer!.keys.rsa!.export({ format: 'pem', type: 'pkcs8' }));
    const wanted = ['wanted.env', 'key.pem'];
    const written: [name: string, text: string][] = [];
    const hunt = async (...args: string[]): Promise<string> => {
      const { stdout, stderr } = await runCli(['hunt', ...args, '--store', 'hunt.db'], { cwd });
      written.push([args.join(' '), stdout], [`errors of ${args.join(' ')}`, stderr]);
      return stdout;
    };
    await hunt('add', 'dumps', ...wanted.flatMap((file) => ['--find', file]), '--metrics', 'hunt.prom');
    for (const format of ['pretty', 'json', 'csv', 'html'])
      for (const question of [wanted.flatMap((file) => ['--key', file]), ['--repeated'], []]) {
        const answer = await hunt('query', ...question, '--format', format);
        written.push([`${format} of ${question}`, shownText(format, answer)]);
      }
    await hunt('status', '--json');
    expect(written.find(([name]) => name === 'query --format pretty')![1]).toContain('RSA private key');

    const files = readdirSync(cwd, { withFileTypes: true }).filter(
      (entry) => entry.isFile() && !wanted.includes(entry.name),
    );
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['hunt.db', 'hunt.prom']));
    for (const { name } of files) written.push([name, readFileSync(join(cwd, name), 'latin1')]);

    expect(secrets.length).toBeGreaterThan(10);
    const shown = written.filter(([, text]) => shownSecrets(secrets, text).length > 0);
    expect(shown.map(([name]) => name)).toEqual([]);
    // The check itself finds what is there.
    expect(shownSecrets(secrets, `x ${token.slice(5, 25)} y`)).not.toEqual([]);
  });
});
