/**
 * A process that scans many small dumps with keys and tokens by one scanner. Prints {@link Growth} as JSON.
 * Arguments: scans before the first measurement, and between the two.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ed25519Key, pkcs8Pem } from '../../fixtures/keys.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { Scanner } from '../../src/index.js';
import { strongText } from '../prove/judge/judged-builder.js';

interface Grown {
  before: number;
  after: number;
}

/** Bytes after the first scans, and after all. */
export interface Growth {
  heap: Grown;
  /** Memory of typed arrays and the like. */
  buffers: Grown;
  /** The rest of what V8 knows of: memories of kernels. */
  wasm: Grown;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Each has other secrets: what is kept by secret would grow. */
function dump(index: number): Uint8Array {
  const random = new SeededRandom(`growth ${index}`);
  const texts = [
    githubToken(random),
    `jwt_secret=${strongText(index + 1, 40)}`,
    ...(index % 4 === 0 ? [pkcs8Pem(ed25519Key(random))] : []),
  ];
  return Buffer.concat([
    Buffer.alloc(512),
    ...texts.map((text) => Buffer.from(`${text}\0`)),
    Buffer.alloc(512),
  ]);
}

async function measured(): Promise<{ heap: number; buffers: number; wasm: number }> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collect();
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers, wasm: Math.round((external - arrayBuffers) / (1 << 20)) };
}

const [first, more] = process.argv.slice(2).map(Number) as [number, number];
const scanner = await Scanner.open({ jobs: 1 });
const scan = async (from: number, to: number): Promise<void> => {
  for (let i = from; i < to; i++) {
    let found = 0;
    for await (const event of scanner.scan({ name: `dump-${i}`, bytes: dump(i) }))
      if (event.type === 'finding') found++;
    if (found === 0) throw new Error(`nothing was found in dump ${i}`);
  }
};
await scan(0, first);
const before = await measured();
await scan(first, first + more);
const after = await measured();
const grown = (of: keyof typeof before): Grown => ({ before: before[of], after: after[of] });
const growth: Growth = { heap: grown('heap'), buffers: grown('buffers'), wasm: grown('wasm') };
process.stdout.write(JSON.stringify(growth));
await scanner.close();
