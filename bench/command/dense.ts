import { createPublicKey } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, statSync } from 'node:fs';
import { rsaFrom } from '../../test/search/seeded.js';
import type { Bench } from './bench.js';
import { GiB, type Inputs, MiB } from './inputs.js';
import { type Row, scan, seconds } from './measure.js';
import { redisCore } from './redis.js';

const VALUES = 2_000_000;
/** Public exponents above 65,537, as keys of browsers' lists have. */
const EXPONENTS = [0x1_dfbbn, 0x1_674fn, 0x6_5537n];

/** Files of /usr/lib and /usr/share, with public keys behind them whose private halves are nowhere. */
function filesWithKeys(inputs: Inputs): string {
  const path = inputs.path('files-with-keys.bin');
  if (existsSync(path)) return path;
  copyFileSync(inputs.files(GiB), path);
  for (const exponent of EXPONENTS) {
    const key = createPublicKey(rsaFrom('dense', 2048, exponent)).export({ format: 'der', type: 'spki' });
    appendFileSync(path, Buffer.concat([Buffer.alloc(-statSync(path).size & 15), key]));
  }
  return path;
}

interface Goal {
  what: string;
  wall: number;
  status?: number;
  memory?: number;
}

/** Dense memory: many random values, with and without a key; files with unusual public keys. */
export async function dense({ inputs, times, net }: Bench): Promise<Row[]> {
  const row = (path: string, { what, wall: most, status, memory = 350 * MiB }: Goal): Row => {
    const ran = scan([...net, path], statSync(path).size, times);
    const [megabytes, processor] = [Math.round(ran.peak / MiB), seconds(ran.processor)];
    return {
      what,
      measured: `${seconds(ran.wall)} (processor ${processor}), ${megabytes} MiB, status ${ran.status}`,
      target: `at most ${most} s and ${memory / MiB} MiB${status === undefined ? '' : `, status ${status}`}`,
      met: ran.wall <= 1000 * most && ran.peak <= memory && ran.status === (status ?? ran.status),
    };
  };
  const redis = `Redis, ${VALUES.toLocaleString('en')} random values`;
  const [idle, withKey] = [inputs.path('redis.core'), inputs.path('redis-tls.core')];
  return [
    row(await redisCore(idle, VALUES, false), { what: redis, wall: 8, status: 0 }),
    row(await redisCore(withKey, VALUES, true), { what: `${redis} and a key of TLS`, wall: 20, status: 1 }),
    row(filesWithKeys(inputs), { what: '1 GiB of /usr/lib and /usr/share, e above 65,537', wall: 12 }),
  ];
}
