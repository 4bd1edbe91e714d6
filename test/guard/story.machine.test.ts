import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runCli, startCli } from '../support/cli.js';
import { CORE_PATTERN, withCorePattern } from '../support/core-pattern.js';
import { describeWith } from '../support/describe.js';
import { coreable, startTarget } from '../support/processes.js';
import { PYTHON } from '../support/programs.js';
import { entries, handlerSettings, names, opened, withGuard } from './guard-state.js';
import { SEAL, until } from './seal/handler.js';
import { expectSafe, expectSettled } from './settled.js';

/** A server that signs tokens: its key is in its memory as the library has it, and in no file. */
const SERVER = `
import sys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key
key = load_pem_private_key(sys.stdin.buffer.read(int(sys.argv[1])), None)
key.sign(b"a token", padding.PKCS1v15(), hashes.SHA256())
print("ready", flush=True)
sys.stdin.read()
`;

const POLICY = `loop: { keep: 9, per: 1h }
rules:
  - { program: /usr/sbin/sshd, action: quarantine }
  - { exit: 0, action: pass }
  - { format: elf-core, action: redact, keep: backtrace }
`;

const PROGRAMS = [...CORE_PATTERN, 'age', 'zstd', 'python3-cryptography'] as const;

describeWith(PROGRAMS, 'a server with a signing key', () => {
  test('crashes: a verified copy without the key leaves, the original opens for the responder alone', () =>
    withGuard(POLICY, async (guard) => {
      const { work, settings } = handlerSettings(guard);
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const pem = Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' }));
      const service = startCli(['guard', 'watch', '--policy', guard.policy]);
      try {
        await until(() => entries(guard, { torn: true }).length > 0);
        await withCorePattern(work, [SEAL, settings], async () => {
          const [shell, args] = coreable(PYTHON, ['-c', SERVER, String(pem.length)]);
          const server = await startTarget(shell, args, { cwd: work, input: pem, ready: 'ready' });
          const gone = once(server.child, 'exit');
          process.kill(server.pid, 'SIGABRT');
          await gone;
          await server.stop();
        });
        // No command is given from here on.
        await until(() => entries(guard, { torn: true }).some(({ event }) => event === 'done'));
      } finally {
        service.child.kill('SIGTERM');
        await service.result;
      }
      const [{ dump: id } = {}] = entries(guard).filter(({ event }) => event === 'done');
      expect(expectSettled(guard, [id!])).toEqual({ [id!]: 'out' });
      const decided = entries(guard).find(({ event }) => event === 'decided');
      expect(decided).toMatchObject({ action: 'redact', rule: 3, exit: 1, format: 'elf-core' });

      const copy = join(guard.state, 'out', id!);
      expect((await runCli(['verify', `${copy}.manifest.json`, copy, '--key', guard.publicKey])).status).toBe(
        0,
      );
      const keyFile = join(guard.root, 'server.key');
      writeFileSync(keyFile, pem);
      const search = (file: string) =>
        runCli(['scan', file, '--find', keyFile, '--expect-absent', '--quiet']);
      expect((await search(copy)).status).toBe(0);
      expectSafe(guard, primesOf(pem));

      const original = join(
        guard.state,
        'quarantine',
        names(guard, 'quarantine').find((name) => /^[^.]*\.age$/.test(name))!,
      );
      expect(opened(original, guard.machine)).toBeUndefined();
      const core = join(guard.root, 'core');
      writeFileSync(core, opened(original, guard.responder)!);
      expect((await search(core)).status).toBe(1);
      const log = join(guard.state, 'log.jsonl');
      expect((await runCli(['verify', log, '--key', guard.publicKey])).status).toBe(0);
      expect(existsSync(join(work, 'core'))).toBe(false);
      expect(readFileSync(log, 'utf8')).not.toContain('PRIVATE KEY');
    }));
});

/** Both primes, in both orders of bytes. */
function primesOf(pem: Buffer): Buffer[] {
  const { p, q } = createPrivateKey(pem).export({ format: 'jwk' });
  return [p!, q!].flatMap((text) => {
    const bytes = Buffer.from(text, 'base64url');
    return [bytes, Buffer.from(bytes).reverse()];
  });
}
