import { execFileSync } from 'node:child_process';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { HprofBuilder } from '../formats/build-hprof.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { startTarget } from '../support/processes.js';
import { program } from '../support/programs.js';
import { writePrivate } from '../support/secrets.js';
import { describeAll, type Found, parts, searchBytes, searchFile, spkiOf } from './harness.js';
import { ecFrom, ed25519From, rsaFrom } from './seeded.js';

const BYTE = 8;
const INT = 10;
const LONG = 11;

/** A heap with arrays of these bytes among arrays of noise and text; `shift` more bytes precede the first. */
function heapOf(arrays: readonly { type: number; bytes: Buffer }[], shift: number): Buffer {
  const b = new HprofBuilder(8);
  const random = new SeededRandom(`heap ${shift}`);
  b.primitiveArray(1, BYTE, Buffer.alloc(64 + shift, 'text of a class '));
  for (const [i, { type, bytes }] of arrays.entries()) {
    b.primitiveArray(0x1000 + i, type, bytes);
    b.primitiveArray(0x2000 + i, BYTE, Buffer.from('the quick brown fox'));
    b.primitiveArray(0x3000 + i, INT, random.bytes(128));
  }
  b.heap();
  return b.done();
}

const rsa = rsaFrom('heap', 2048);
const ec = ecFrom('heap', 'P-256', 'prime256v1', 32).key;
const ed25519 = ed25519From('heap');

/** As BigInteger.toByteArray() writes it: a zero before a set sign bit. */
const signed = (bytes: Buffer) => (bytes[0]! > 127 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);

const HELD: { name: string; key: KeyObject; arrays: { type: number; bytes: Buffer }[] }[] = [
  { name: 'RSA in BigInteger.mag', key: rsa, arrays: arraysOf(rsa, ['n', 'p', 'q'], INT) },
  {
    name: 'RSA in byte arrays with a zero before each number',
    key: rsa,
    arrays: arraysOf(rsa, ['n', 'p', 'q'], BYTE, signed),
  },
  { name: 'P-256 in BigInteger.mag', key: ec, arrays: arraysOf(ec, ['x', 'y', 'd'], INT) },
  { name: 'Ed25519 in byte arrays', key: ed25519, arrays: arraysOf(ed25519, ['x', 'd'], BYTE) },
];

function arraysOf(key: KeyObject, names: readonly string[], type: number, change = (bytes: Buffer) => bytes) {
  return names.map((name) => ({ type, bytes: change(parts(key)[name]!) }));
}

describe('numbers in arrays of a heap dump', () => {
  test.each(HELD)('$name: found at any byte', ({ key, arrays }) => {
    for (let shift = 0; shift < 8; shift++) {
      const dump = heapOf(arrays, shift);
      const found = searchBytes(dump);
      expect(describeAll(found).map(({ spki }) => spki)).toEqual([spkiOf(key)]);
      expect(found.candidates[0]!.encoding).toBe('bytes-be');
      const { offset, length } = found.candidates[0]!;
      const values = Object.values(parts(key));
      expect(values.some((value) => value.equals(dump.subarray(offset, offset + length)))).toBe(true);
      expect(found.limits).toEqual([]);
    }
  });
});

/** Limbs of `size` bytes, the least significant first, each big-endian, after them `spare` zero limbs. */
const limbs = (size: number, spare: number) => (number: Buffer) => {
  const bytes = Buffer.concat([Buffer.alloc(spare * size), number]).reverse();
  return size === 4 ? bytes.swap32() : bytes.swap64();
};

describe('limbs in arrays of a heap dump, least significant first', () => {
  test.each([
    ['long[]', LONG, 8],
    ['int[]', INT, 4],
  ])('%s: found at any byte, with limbs left zero behind them', (_, type, size) => {
    for (const bits of [1024, 2048])
      for (const spare of [0, 1, 5])
        for (let shift = 0; shift < 8; shift += 3) {
          const key = rsaFrom('limbs', bits);
          const arrays = arraysOf(key, ['q', 'n', 'p'], type, limbs(size, spare));
          const found = describeAll(searchBytes(heapOf(arrays, shift)));
          expect(found.map(({ spki, encoding }) => [spki, encoding])).toEqual([
            [spkiOf(key), 'limbs-be-hprof'],
          ]);
        }
  });

  test('one prime gives the key whose public half is there', () => {
    const publicKeys = [{ spki: Buffer.from(spkiOf(rsa), 'base64') }];
    const dump = heapOf(arraysOf(rsa, ['p'], LONG, limbs(8, 0)), 3);
    expect(describeAll(searchBytes(dump, { publicKeys })).map(({ spki }) => spki)).toEqual([spkiOf(rsa)]);
  });
});

const HOLDER = `
import java.nio.file.*;
import java.security.*;
import java.security.spec.*;
import java.util.*;
public class Holder {
  static List<KeyPair> keys = new ArrayList<>();
  static List<byte[]> signatures = new ArrayList<>();
  public static void main(String[] arguments) throws Exception {
    for (String argument : arguments) {
      String[] part = argument.split(":");
      KeyFactory factory = KeyFactory.getInstance(part[0]);
      byte[] secret = Files.readAllBytes(Path.of(part[2] + ".key"));
      byte[] shown = Files.readAllBytes(Path.of(part[2] + ".pub"));
      KeyPair pair = new KeyPair(
        factory.generatePublic(new X509EncodedKeySpec(shown)),
        factory.generatePrivate(new PKCS8EncodedKeySpec(secret)));
      Arrays.fill(secret, (byte) 0);
      keys.add(pair);
      for (int n = 0; n < 3; n++) {
        Signature signature = Signature.getInstance(part[1]);
        signature.initSign(pair.getPrivate());
        signature.update(("message " + n).getBytes());
        signatures.add(signature.sign());
      }
    }
    System.out.println("ready");
    System.out.flush();
    Thread.sleep(1000000);
  }
}
`;

const KINDS: Readonly<Record<string, { algorithm: string; signature: string; make(): KeyObject }>> = {
  'RSA-2048': {
    algorithm: 'RSA',
    signature: 'SHA256withRSA',
    make: () => rsaFrom('heap dumps', 2048),
  },
  'RSA-4096': {
    algorithm: 'RSA',
    signature: 'SHA256withRSA',
    make: () => rsaFrom('heap dumps', 4096),
  },
  'P-256': {
    algorithm: 'EC',
    signature: 'SHA256withECDSA',
    make: () => ecFrom('heap dumps', 'P-256', 'prime256v1', 32).key,
  },
  'P-384': {
    algorithm: 'EC',
    signature: 'SHA384withECDSA',
    make: () => ecFrom('heap dumps', 'P-384', 'secp384r1', 48).key,
  },
  Ed25519: {
    algorithm: 'Ed25519',
    signature: 'Ed25519',
    make: () => ed25519From('heap dumps'),
  },
};

async function dumpHolder(folder: string, keys: Readonly<Record<string, KeyObject>>): Promise<string> {
  for (const [name, key] of Object.entries(keys)) {
    writeFileSync(join(folder, `${name}.key`), key.export({ format: 'der', type: 'pkcs8' }), { mode: 0o600 });
    writeFileSync(join(folder, `${name}.pub`), createPublicKey(key).export({ format: 'der', type: 'spki' }));
  }
  const held = Object.keys(keys).map((name) => `${KINDS[name]!.algorithm}:${KINDS[name]!.signature}:${name}`);
  return await dumpJava(folder, HOLDER, held, () => {
    for (const name of Object.keys(keys)) rmSync(join(folder, `${name}.key`));
  });
}

/** The heap of a JVM that runs the class Holder, once it is ready. */
async function dumpJava(
  folder: string,
  source: string,
  args: readonly string[],
  wipe: () => void,
): Promise<string> {
  writeFileSync(join(folder, 'Holder.java'), source);
  execFileSync(program('javac'), ['Holder.java'], { cwd: folder, stdio: 'ignore' });
  const target = await startTarget(program('java'), ['-Xmx64m', '-cp', '.', 'Holder', ...args], {
    cwd: folder,
    ready: 'ready',
  });
  const path = join(folder, 'heap.hprof');
  try {
    wipe();
    const jmap = [`-dump:live,format=b,file=${path}`, String(target.pid)];
    execFileSync(join(program('java'), '../jmap'), jmap, { stdio: 'ignore' });
    return path;
  } finally {
    await target.stop();
  }
}

/** Is any private part of the key in the dump, in either byte order? */
function standsIn(dump: Buffer, key: KeyObject): boolean {
  const { n: _n, e: _e, x: _x, y: _y, ...secret } = parts(key);
  return Object.values(secret).some((part) =>
    [part, Buffer.from(part).reverse()].some((bytes) => dump.includes(bytes)),
  );
}

const foundIn = (found: Found, key: KeyObject) => describeAll(found).some(({ spki }) => spki === spkiOf(key));

describeWith(['java'], 'a heap dump of a JVM that holds key pairs', () => {
  test('gives every key that a search for its bytes finds, and no other', async () => {
    await withTempDir(async (folder) => {
      const keys = Object.fromEntries(Object.entries(KINDS).map(([name, { make }]) => [name, make()]));
      const path = await dumpHolder(folder, keys);
      const dump = readFileSync(path);
      const found = searchFile(path);
      const there = Object.keys(keys).filter((name) => standsIn(dump, keys[name]!));
      expect(there).toEqual(Object.keys(KINDS));
      expect(Object.keys(keys).filter((name) => foundIn(found, keys[name]!))).toEqual(there);
      expect(found.candidates).toHaveLength(there.length);
    });
  });
});

/** Holds numbers read from files, as a library with limbs of its own or as BigInteger has them. */
const NUMBERS = `
import java.math.BigInteger;
import java.nio.file.*;
import java.util.*;
public class Holder {
  static List<Object> held = new ArrayList<>();
  static long[] limbs(byte[] bytes) {
    long[] limbs = new long[(bytes.length + 7) / 8];
    for (int i = 0; i < bytes.length; i++)
      limbs[i / 8] |= (bytes[bytes.length - 1 - i] & 0xffL) << (8 * (i % 8));
    return limbs;
  }
  public static void main(String[] arguments) throws Exception {
    for (String name : new String[] {"n", "p", "q"}) {
      byte[] bytes = Files.readAllBytes(Path.of(name));
      held.add(arguments[0].equals("limbs") ? limbs(bytes) : new BigInteger(1, bytes));
      Arrays.fill(bytes, (byte) 0);
    }
    System.out.println("ready");
    System.out.flush();
    Thread.sleep(1000000);
  }
}
`;

describeWith(['java'], 'a heap dump of a JVM that holds n, p and q', () => {
  test.each([
    ['limbs', 2048, 'limbs-be-hprof'],
    ['limbs', 3000, 'limbs-be-hprof'],
    ['BigInteger', 1000, 'bytes-be'],
  ])('as %s, of %i bits', async (kind, bits, encoding) => {
    await withTempDir(async (folder) => {
      const key = rsaFrom('held', bits);
      for (const name of ['n', 'p', 'q']) writePrivate(folder, name, parts(key)[name]!);
      const path = await dumpJava(folder, NUMBERS, [kind], () => {});
      expect(describeAll(searchFile(path)).map((found) => [found.spki, found.encoding])).toEqual([
        [spkiOf(key), encoding],
      ]);
    });
  });
});
