import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { asset } from '../../src/core/base/runtime/assets.js';

/**
 * Primes of seeded keys, each made once a checkout: a key of 4,096 bits takes a second. A file in
 * dist/test-keys/ is named by the seed and by the code that makes primes of it, so that it never gets stale.
 */
const FOLDER = asset('dist/test-keys/');
const CODE = ['dist/test/search/seeded.js', 'dist/fixtures/random.js'].map((path) =>
  readFileSync(asset(path)),
);

type Primes = readonly [p: bigint, q: bigint];

/** The primes of a seed: read if they were made before, else made and kept. */
export function keptPrimes(seed: string, make: () => Primes): Primes {
  const name = createHash('sha256').update(Buffer.concat(CODE)).update(seed).digest('hex');
  const file = new URL(name, FOLDER);
  return readPrimes(file) ?? keep(file, make());
}

function readPrimes(file: URL): Primes | undefined {
  try {
    const [p, q] = readFileSync(file, 'utf8').split('\n').map(BigInt);
    return p && q ? [p, q] : undefined;
  } catch {
    return undefined;
  }
}

/** Another worker may write the same file: each writes one of its own and moves it there. */
function keep(file: URL, primes: Primes): Primes {
  mkdirSync(FOLDER, { recursive: true });
  const written = new URL(`${file.href}.${process.pid}`);
  writeFileSync(written, primes.join('\n'));
  renameSync(written, file);
  return primes;
}
