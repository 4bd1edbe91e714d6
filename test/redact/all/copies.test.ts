import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../../fixtures/dumps.js';
import { p256Key, pkcs8Pem } from '../../../fixtures/keys.js';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { buildSnapshot } from '../../formats/build-snapshot.js';
import { differences, filledCopyOf } from './made-fill.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a filled copy', () => {
  test.each(fixtureDumps().map((dump) => [dump.name, dump] as const))(
    'of %s holds no finding',
    async (_, dump) => {
      const { bytes, tokens } = dump;
      const { copy, result, exit, findings } = await filledCopyOf(bytes);
      expect({ exit, findings }).toEqual({ exit: 0, findings: 0 });
      expect(result).toMatchObject({ keep: 'all', bytes: bytes.length, sha256: sha256(copy) });
      for (const token of Object.values(tokens)) expect(copy.includes(token)).toBe(false);
      const changed = differences(bytes, copy);
      expect(changed.every((at) => copy[at] === 0)).toBe(true);
      expect(changed.length).toBeLessThanOrEqual(result.filled);
      expect(result.causes.reduce((sum, each) => sum + each.bytes, 0)).toBe(result.filled);
      if (result.filled === 0) expect(result).toMatchObject({ rounds: 0, sha256: sha256(bytes), causes: [] });
    },
  );

  const random = new SeededRandom('filled copies');
  const token = githubToken(random);
  const key = p256Key(random);
  const noise = Buffer.from(random.bytes(4096));
  const memory = (...parts: (Buffer | string)[]) =>
    Buffer.concat(parts.flatMap((part) => [Buffer.alloc(64), Buffer.from(part), Buffer.alloc(64)]));

  test('holds no other spelling of a secret, which the same scan finds', async () => {
    const hidden = Buffer.from(Buffer.from(`x-${token}`).toString('base64'), 'utf16le');
    const decoded = Buffer.from(random.bytes(32));
    const named = `JWT_SECRET=${decoded.toString('hex')}\n`;
    const { copy, exit, result } = await filledCopyOf(memory(noise, token, hidden, named, decoded, noise));
    expect(exit).toBe(0);
    // The scan that finds the token finds its spellings.
    expect(result.rounds).toBe(1);
    expect(copy.includes(hidden.subarray(12, -12))).toBe(false);
    expect(copy.includes(decoded.subarray(8, 16))).toBe(false);
  });

  test('has stars in text, and stays JSON', async () => {
    const text = JSON.stringify({ user: 'ann', header: `Bearer ${token}`, pem: pkcs8Pem(key) });
    const { copy, exit } = await filledCopyOf(Buffer.from(text));
    expect(exit).toBe(0);
    const value = JSON.parse(copy.toString()) as Record<string, string>;
    expect(value.user).toBe('ann');
    expect(value.header).toMatch(/^Bearer \*+$/);
    expect(value.pem).toContain('****');
  });

  test('of a heap snapshot stays JSON', async () => {
    const nodes = [{ type: 'string', name: `Bearer ${token}` }];
    const { copy, exit, result } = await filledCopyOf(Buffer.from(buildSnapshot({ nodes, edges: [] })));
    expect({ exit, format: result.format }).toEqual({ exit: 0, format: 'v8-heap-snapshot' });
    const { strings } = JSON.parse(copy.toString()) as { strings: string[] };
    expect(strings).toContainEqual(expect.stringMatching(/^Bearer \*+$/));
  });

  test('has the byte that was asked for', async () => {
    const { copy } = await filledCopyOf(memory(noise, token), () => ({ fill: 0x41 }));
    expect(copy.includes('A'.repeat(token.length))).toBe(true);
  });

  test('of a filled copy is equal', async () => {
    const { copy } = await filledCopyOf(Buffer.from(`token = "${token}"\n`));
    const { result } = await filledCopyOf(copy);
    expect(result).toMatchObject({ filled: 0, sha256: sha256(copy) });
  });

  test('keeps what is allowed, in every form', async () => {
    const allow = (folder: string) => {
      const file = join(folder, 'allowed.pem');
      writeFileSync(file, pkcs8Pem(key));
      return { keepAllowed: [file] };
    };
    const bytes = memory(noise, pkcs8Pem(key), token);
    const { copy } = await filledCopyOf(bytes, allow);
    expect(copy.includes(pkcs8Pem(key))).toBe(true);
    expect(copy.includes(token)).toBe(false);
  });

  test('holds nothing of what it is asked to find', async () => {
    const value = 'kd93-xx-plain-text-71';
    const find = (folder: string) => {
      const file = join(folder, '.env');
      writeFileSync(file, `SECRET_WORD=${value}\n`);
      return { find: [file] };
    };
    const { copy } = await filledCopyOf(memory(noise, `x ${value} y`), find);
    expect(copy.includes(value)).toBe(false);
    expect(copy.includes('x ')).toBe(true);
  });
});
