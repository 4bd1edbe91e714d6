import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describeWith } from '../../support/describe.js';
import { program } from '../../support/programs.js';
import { kernelArgs, withGuard } from './handler.js';

/** Sealed dumps are files of age: an independent implementation reads and writes them. */

const zstd = (flag: string, input: Uint8Array): Buffer =>
  execFileSync(program('zstd'), ['-q', flag, '-c'], { input, maxBuffer: 2 ** 28 });

describeWith(['age', 'zstd', 'root'], 'the format of sealed dumps', () => {
  test('age-encryption opens what the handler sealed, dump and info', () =>
    withGuard(async (guard) => {
      const bytes = randomBytes(300_000);
      await guard.seal(bytes, kernelArgs({ program: '/usr/bin/sealed' }));
      const decrypter = new Decrypter();
      decrypter.addIdentity(/^AGE-SECRET-KEY-1.*$/m.exec(readFileSync(guard.identity, 'utf8'))![0]);
      const [name] = guard.dumps();
      const opened = await decrypter.decrypt(readFileSync(guard.path(name!)));
      expect(zstd('-d', opened).equals(bytes)).toBe(true);
      const info = readFileSync(guard.path(name!.replace('.age', '.info.age')));
      expect(await decrypter.decrypt(info, 'text')).toContain('\nprogram: /usr/bin/sealed\n');
    }));

  test('a dump that age-encryption sealed opens as one of the handler does', () =>
    withGuard(async (guard) => {
      const bytes = randomBytes(300_000);
      const encrypter = new Encrypter();
      encrypter.addRecipient(guard.recipient);
      const name = `1-00000000-1-${'0'.repeat(16)}.age`;
      writeFileSync(guard.path(name), await encrypter.encrypt(zstd('-1', bytes)));
      expect(guard.holds(name, bytes)).toBe(true);
    }));

  test('each recipient opens a dump alone', () =>
    withGuard(async (guard) => {
      const responder = await generateX25519Identity();
      const recipients = join(guard.folder, 'recipients');
      writeFileSync(recipients, `${guard.recipient}\n${await identityToRecipient(responder)}\n`);
      const bytes = Buffer.from('a core');
      await guard.seal(bytes);
      const [name] = guard.dumps();
      const decrypter = new Decrypter();
      decrypter.addIdentity(responder);
      expect(zstd('-d', await decrypter.decrypt(readFileSync(guard.path(name!))))).toEqual(bytes);
      expect(guard.holds(name!, bytes)).toBe(true);
    }));
});
