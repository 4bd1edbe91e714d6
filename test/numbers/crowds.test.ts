import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { Memory } from './memory.js';
import { ecFrom, ed25519From } from './seeded.js';

/** An array of V8 with so many bytes: the address of its map, and its length as a small integer. */
function array(bytes: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeBigUInt64LE(0x02f0_1234_5679n);
  head.writeUInt32LE(bytes.length, 12);
  return Buffer.concat([head, bytes]);
}

/** More than a search of a small dump tries. */
const CROWD = 9000;

const ec = ecFrom('crowds', 'secp256k1', 'secp256k1', 32);
const ed = ed25519From('crowds');
const { d: seed, x: publicKey } = ed.export({ format: 'jwk' });

const KEYS = [
  {
    name: 'secp256k1',
    key: ec.key,
    secret: ec.d,
    shown: Buffer.concat([Buffer.of(1, 2, 0, 4), ec.x, ec.y]),
    search: 'ec-scalars',
  },
  {
    name: 'Ed25519',
    key: ed,
    secret: Buffer.from(seed!, 'base64url'),
    shown: Buffer.from(publicKey!, 'base64url'),
    search: 'ed25519-seeds',
  },
];

describe.each(KEYS)(
  'a key of $name among numbers by the thousand behind one header',
  ({ name, key, secret, shown, search }) => {
    test.each([
      ['is tried before them where it stands behind another one', false],
      ['also where it stands among them first', true],
    ])('%s', (_what, twice) => {
      const memory = new Memory();
      const random = new SeededRandom(`crowd ${name}`);
      memory.filler(1024);
      memory.noise(random, CROWD, 4);
      if (twice) memory.chunk(secret);
      memory.noise(random, 100, 4);
      memory.chunk(array(secret));
      memory.chunk(shown);
      const found = searchBytes(memory.bytes());
      expect(describeAll(found).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
      expect(found.limits.map((limit) => limit.search)).toContain(search);
    });
  },
);
