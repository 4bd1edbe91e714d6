import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type FixtureDump, fixtureDumps } from '../../fixtures/dumps.js';
import { spkiDer } from '../../fixtures/keys.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { bruteForce, keyNeedles, textNeedles } from '../support/needles.js';
import { program } from '../support/programs.js';
import { addressesOf } from '../support/readelf.js';
import { freshSecrets, writePrivate } from '../support/secrets.js';

const dumps = fixtureDumps();

describe('the fixtures', () => {
  test('are small and reproducible', () => {
    const digests = (all: typeof dumps) =>
      all.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex'));
    expect(digests(fixtureDumps())).toEqual(digests(dumps));
    for (const { bytes } of dumps) expect(bytes.length).toBeLessThan(200_000);
  });

  // The OpenSSH form of the Ed25519 key is not one of node's: the next test reads it.
  const secretsOf = ({ keys, tokens }: FixtureDump) =>
    [...Object.keys(keys), ...Object.keys(tokens)].filter((secret) => secret !== 'ed25519');

  test.each(dumps)('$name has its own secrets, each once, and no other', async (dump) => {
    const needles = dumps.flatMap(({ name, keys, tokens }) => [
      ...Object.entries(keys).flatMap(([key, value]) => keyNeedles(`${name} ${key}`, value)),
      ...Object.entries(tokens).flatMap(([token, text]) => textNeedles(`${name} ${token}`, 'token', text)),
    ]);
    await withTempDir((folder) => {
      const found = bruteForce(writePrivate(folder, dump.name, dump.bytes), needles).map(
        ({ secret }) => secret,
      );
      expect(found.sort()).toEqual(
        secretsOf(dump)
          .map((secret) => `${dump.name} ${secret}`)
          .sort(),
      );
    });
  });
});

describeWith(['ssh-keygen'], 'an OpenSSH key of the fixtures', () => {
  test('is one that ssh-keygen reads', async () => {
    await withTempDir((folder) => {
      const { ed25519, openssh } = freshSecrets();
      const path = writePrivate(folder, 'id_ed25519', openssh);
      const line = execFileSync(program('ssh-keygen'), ['-y', '-f', path], { encoding: 'utf8' });
      const blob = Buffer.from(line.split(' ')[1]!, 'base64');
      expect(blob.subarray(-32)).toEqual(spkiDer(ed25519).subarray(-32));
    });
  });
});

describeWith(['readelf', 'gdb'], 'a core of the fixtures', () => {
  test('is one that binutils and gdb read', async () => {
    await withTempDir((folder) => {
      const { bytes, tokens } = dumps.find(({ name }) => name === 'signer.core')!;
      const path = join(folder, 'core');
      writeFileSync(path, bytes);
      const address = addressesOf(path)(bytes.indexOf(tokens.github!))!;
      const commands = ['-ex', `x/s ${address}`, '-ex', 'info auxv'];
      const text = execFileSync(program('gdb'), ['-nx', '-batch', ...commands, '--core', path], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      expect(text).toContain('/srv/signer/bin/signer --listen');
      expect(text).toContain(tokens.github);
      expect(text).toContain('"/srv/signer/bin/signer"');
    });
  });
});
