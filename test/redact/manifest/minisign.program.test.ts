import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { verify } from '../../../src/api/verify.js';
import { describeWith } from '../../support/describe.js';
import { program } from '../../support/programs.js';
import { inFolder, type SignedCopy } from './signed-copy.js';

const MANIFEST = 'copy.manifest.json';

describeWith(['minisign'], 'minisign', () => {
  const minisign = ({ folder }: SignedCopy, ...args: string[]) =>
    execFileSync(program('minisign'), args, { cwd: folder, encoding: 'utf8', stdio: 'pipe', input: '' });

  test.each(['key.pem', 'minisign.key', 'made.key'])('verifies what is signed with %s', (key) =>
    inFolder(async (made) => {
      minisign(made, '-G', '-f', '-W', '-p', 'made.pub', '-s', 'made.key');
      const { signature, sha256 } = await made.redact({ sign: made.file(key) });
      const said = minisign(made, '-V', '-H', '-m', MANIFEST, '-P', signature!.publicKey);
      expect(said).toContain('Signature and comment signature verified');
      expect(said).toContain(`Trusted comment: redaction manifest of sha256:${sha256}`);
      if (key === 'made.key')
        expect(readFileSync(made.file('made.pub'), 'utf8')).toContain(signature!.publicKey);
      made.write(MANIFEST, `${made.read(MANIFEST)} `);
      expect(() => minisign(made, '-V', '-m', MANIFEST, '-P', signature!.publicKey)).toThrow();
    }),
  );

  test('signs what verify accepts, but not in its older format', () =>
    inFolder(async (made) => {
      minisign(made, '-G', '-f', '-W', '-p', 'made.pub', '-s', 'made.key');
      await made.redact();
      const answer = async () => {
        const paths = { manifest: made.file(MANIFEST), file: made.file('copy'), key: made.file('made.pub') };
        const { problems, trustedComment } = await verify(paths);
        return [problems.map(({ code }) => code), trustedComment];
      };
      expect(await answer()).toEqual([['signature-missing'], undefined]);
      minisign(made, '-S', '-s', 'made.key', '-m', MANIFEST, '-t', 'für alle');
      expect(await answer()).toEqual([[], 'für alle']);
      minisign(made, '-S', '-l', '-s', 'made.key', '-m', MANIFEST);
      expect(await answer()).toEqual([['signature-older-format'], undefined]);
    }));
});
