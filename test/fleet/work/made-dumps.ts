import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ed25519Key, pkcs8Pem } from '../../../fixtures/keys.js';
import { encodeProcess } from '../../../fixtures/process.js';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';

export interface MadeDumps {
  /** Distinct contents that are harmless. */
  count: number;
  /** Of them, those that hold one of five keys which others hold too. */
  shared: number;
  /** Copies of the first ones, under other names. */
  copies: number;
  /** Dumps whose process dies (add-process.ts). */
  poison: number;
}

/** Small cores of made-up processes with known keys and tokens: the same at each call. */
export function makeDumps(folder: string, { count, shared, copies, poison }: MadeDumps): void {
  const keys = Array.from({ length: 5 }, (_, i) => pkcs8Pem(ed25519Key(new SeededRandom(`shared key ${i}`))));
  const bytesOf = (i: number, name: string): Buffer => {
    const random = new SeededRandom(`made dump ${name} ${i}`);
    const env: Record<string, string> = { PATH: '/usr/bin:/bin', HOME: '/srv/app' };
    if (i % 10 === 0) env.GITHUB_TOKEN = githubToken(random);
    const heap: Buffer[] = [Buffer.from(`request ${i} of ${name}\0`), Buffer.from(random.bytes(64))];
    if (i < shared) heap.push(Buffer.from(keys[i % keys.length]!));
    return Buffer.from(encodeProcess({ pid: 1000 + i, name, argv: [`/srv/app/${name}`], env, heap }, random));
  };
  for (let i = 0; i < count; i++) {
    const bytes = bytesOf(i, 'app');
    const name = String(i).padStart(5, '0');
    writeFileSync(join(folder, `dump-${name}.core`), bytes);
    if (i < copies) writeFileSync(join(folder, `copy-${name}.core`), bytes);
  }
  for (let i = 0; i < poison; i++) writeFileSync(join(folder, `poison-${i}.core`), bytesOf(i, 'poison'));
}
