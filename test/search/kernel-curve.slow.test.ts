import { createECDH, createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { DOMAINS, isOnCurve, WEI25519, WEI25519_SHIFT } from '../../src/core/asn1/domain.js';
import { inverse } from '../../src/core/base/bytes/integers.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { limbsOf } from '../../src/search/core/pair-field.js';
import { isNear, KernelCurve, type StoredCoordinate } from '../../src/search/curves/points/kernel-curve.js';

const OPENSSL: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

const big = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`);
const little = (value: bigint, width: number) =>
  Buffer.from(value.toString(16).padStart(width * 2, '0'), 'hex').reverse();

/** d, x and y of random keys, from OpenSSL. */
function keys(name: string, count: number): { d: bigint; x: bigint; y: bigint }[] {
  const ecdh = createECDH(OPENSSL[name] ?? name);
  return Array.from({ length: count }, () => {
    const point = ecdh.generateKeys();
    const half = (point.length + 1) / 2;
    return { d: big(ecdh.getPrivateKey()), x: big(point.subarray(1, half)), y: big(point.subarray(half)) };
  });
}

const MADE = DOMAINS.flatMap((domain) => [
  { domain, name: domain.name, how: 'one by one', pairs: false },
  { domain, name: domain.name, how: 'as this machine does', pairs: true },
]);

const kernel = new NumberKernel();

describe.each(MADE)('$name, $how', ({ domain, pairs }) => {
  const curve = new KernelCurve(kernel, domain, pairs);
  const points = keys(domain.name, 40);

  test('contains its generator and random points', () => {
    for (const { x, y } of points) expect(isOnCurve(domain, x, y)).toBe(true);
    expect(isOnCurve(domain, domain.x, domain.y)).toBe(true);
    expect(isOnCurve(domain, points[0]!.x, points[1]!.y)).toBe(false);
  });

  test('its points are recognised by the equation, plain and in Montgomery form', () => {
    const room = kernel.allocate(2 * 80 * 8 * 2);
    const r = 1n << BigInt(curve.width * 8);
    const forms: { [K in StoredCoordinate]: (value: bigint) => Buffer } = {
      'limbs-le': (value) => little(value, curve.width),
      montgomery: (value) => little((value * r) % domain.p, curve.width),
      'bytes-be': (value) => little(value, curve.width).reverse(),
    };
    for (const [form, write] of Object.entries(forms) as [StoredCoordinate, (value: bigint) => Buffer][]) {
      const values = Buffer.concat(points.flatMap(({ x, y }) => [write(x), write(y)]));
      curve.equation(values, form, room, room + 80 * 8);
      const [squares, rights] = [kernel.u64(room, 80), kernel.u64(room + 80 * 8, 80)];
      const near = (i: number) => [...squares].flatMap((word, k) => (isNear(rights[i]!, word) ? [k] : []));
      for (let i = 0; i < 80; i += 2) expect([form, near(i)]).toEqual([form, [i + 1]]);
    }
    // A value that is not a field element matches nothing.
    curve.equation(Buffer.alloc(curve.width, 0xff), 'montgomery', room, room + 8);
    expect([...kernel.u64(room, 2)]).toEqual([0n, 2n ** 63n]);
  });

  const stretches = (values: Buffer) => (from: number, end: number) =>
    values.subarray(from * curve.width, end * curve.width);

  test('points in Jacobian coordinates are found among other numbers, with X, Y and Z in any order', () => {
    const { p } = domain;
    const r = 1n << BigInt(curve.width * 8);
    const random = new SeededRandom(`jacobian ${domain.name}`);
    const element = () => big(random.bytes(domain.size)) % p;
    const numbers: bigint[] = Array.from({ length: 30 }, element);
    const expected: number[][] = [];
    for (const [i, { x, y }] of points.slice(0, 3).entries()) {
      const z = element();
      const triple = [(x * z * z) % p, (y * z * z * z) % p, z];
      const at = [
        [3, 8, 9],
        [17, 12, 11],
        [20, 26, 24],
      ][i]!;
      for (const [k, place] of at.entries()) numbers[place] = triple[k]!;
      expected.push(at);
    }
    const values = Buffer.concat(numbers.map((value) => little((value * r) % p, curve.width)));
    const offsets = Float64Array.from(numbers, (_, i) => i * 100);
    const search = (limits: Partial<{ near: number; reach: number; budget: number }>) => {
      const all = { near: 200, reach: 10, budget: 1e6, ...limits };
      const { triples, tried } = curve.jacobian(stretches(values), offsets, all);
      const found = Array.from({ length: triples.length / 3 }, (_, i) => [
        ...triples.slice(3 * i, 3 * i + 3),
      ]);
      return { found: found.sort((a, b) => a[0]! - b[0]!), tried };
    };
    expect(search({})).toEqual({ found: expected, tried: 30 });
    expect(search({ near: 100 }).found).toEqual(expected.slice(0, 2));
    expect(search({ reach: 4 }).found).toEqual(expected.slice(2));
    expect(search({ budget: 1 })).toEqual({ found: [], tried: 1 });
    // All triples, by the equation itself.
    const near = (a: number, b: number) => Math.abs(a - b) <= 2;
    const all = numbers.flatMap((x, i) =>
      numbers.flatMap((y, j) =>
        numbers.flatMap((z, k) => {
          if (i === j || i === k || j === k || !near(j, k)) return [];
          const z4 = z ** 4n % p;
          return (y * y - (x ** 3n + domain.a * x * z4 + domain.b * z4 * z * z)) % p === 0n
            ? [[i, j, k]]
            : [];
        }),
      ),
    );
    expect(all.sort((a, b) => a[0]! - b[0]!)).toEqual(expected);
  });

  test('all points are found if there are more than fit into one call', () => {
    const { p } = domain;
    const r = 1n << BigInt(curve.width * 8);
    const { x, y } = points[0]!;
    const z = big(new SeededRandom(`crowd ${domain.name}`).bytes(domain.size)) % p;
    const triple = [(x * z * z) % p, (y * z * z * z) % p, z].map((value) =>
      little((value * r) % p, curve.width),
    );
    // X, Y, Z repeated: any X within reach, either Y next to Z.
    const count = 1800;
    const values = Buffer.concat(Array.from({ length: count }, (_, i) => triple[i % 3]!));
    const offsets = Float64Array.from({ length: count }, (_, i) => i * 100);
    const { triples, tried } = curve.jacobian(stretches(values), offsets, {
      near: 200,
      reach: 16,
      budget: 1e6,
    });
    const expected: string[] = [];
    for (let k = 2; k < count; k += 3)
      for (const j of [k - 1, k + 2].filter((each) => each < count))
        for (let i = 0; i < count; i += 3) if (Math.abs(i - k) <= 16) expected.push(`${i} ${j} ${k}`);
    const found = Array.from({ length: triples.length / 3 }, (_, i) =>
      triples.slice(3 * i, 3 * i + 3).join(' '),
    );
    expect(expected.length).toBeGreaterThan(4096);
    expect([tried, found.sort()]).toEqual([count, expected.sort()]);
  });

  test('multiples of the generator equal those of OpenSSL', () => {
    const scalars = Buffer.concat(points.map(({ d }) => little(d, curve.width)));
    const plain = new KernelCurve(kernel, domain, false);
    for (const each of [curve, plain]) {
      expect([...each.xCoordinates(scalars)]).toEqual(points.map(({ x }) => little(x, curve.width)));
      expect([...each.xCoordinates(Buffer.alloc(curve.width))]).toEqual([undefined]);
      expect([...each.xCoordinates(little(1n, curve.width))]).toEqual([little(domain.x, curve.width)]);
    }
  });
});

describe.each([
  ...MADE,
  ...[false, true].map((pairs) => ({ domain: WEI25519, name: WEI25519.name, how: `pairs ${pairs}`, pairs })),
])('$name, $how, against its definition', ({ domain, pairs }) => {
  const curve = new KernelCurve(kernel, domain, pairs);

  test('words of both sides equal the definition for any number', () => {
    const { p, a, b } = domain;
    const program = limbsOf(p, curve.width);
    const paired = pairs && program !== undefined && kernel.pairs(program.file) !== undefined;
    const bitsOfR = paired ? (program.prime ? 0 : program.count * program.bits) : 8 * curve.width;
    const r = 1n << BigInt(bitsOfR);
    const top = (1n << BigInt(8 * curve.width)) - 1n;
    const random = new SeededRandom(`equation ${domain.name}`);
    const edges = [0n, 1n, 2n, p - 2n, p - 1n, p, p + 1n, (p - 1n) / 2n, (p + 1n) / 2n, top, top - 1n];
    // Maximal limbs of any program.
    const limbs = [43, 44, 48, 49, 50, 51, 52].flatMap((bits) => {
      const longest = [0, 1, 2, 3, 4, 5].reduce((sum, i) => sum + (1n << BigInt(bits * i + bits - 1)), 0n);
      const low = 1n << BigInt(bits);
      return [low, low - 1n, low << BigInt(4 * bits), longest, longest - 1n, top - longest].map(
        (each) => each & top,
      );
    });
    const values = [...edges, ...limbs, ...Array.from({ length: 300 }, () => big(random.bytes(curve.width)))];
    const room = kernel.allocate(values.length * 16);
    const rights = room + values.length * 8;
    curve.equation(Buffer.concat(values.map((v) => little(v, curve.width))), 'limbs-le', room, rights);
    // The word itself, or for pairs the quotient by p, up to the multiples of p that it contains.
    const [factor, most] = paired ? [inverse(p, 1n << 64n)!, 2n] : [1n, 0n];
    const off = (words: BigUint64Array, side: (value: bigint) => bigint) =>
      values.filter((value, i) => {
        const distance = BigInt.asIntN(64, words[i]! - ((side(value) * r) % p) * factor);
        return distance > most || distance < -most;
      });
    expect(off(kernel.u64(room, values.length), (v) => v * v)).toEqual([]);
    expect(off(kernel.u64(rights, values.length), (v) => v ** 3n + a * v + b)).toEqual([]);
  });

  test('edge scalars (zero, the order, equal points) give the same in pairs and singly', () => {
    const { n } = domain;
    const top = (1n << BigInt(8 * curve.width)) - 1n;
    const random = new SeededRandom(`scalars ${domain.name}`);
    const fits = (value: bigint) => value >= 0n && value <= top;
    const edges = [0n, 1n, 2n, 255n, 256n, 257n, n - 1n, n, n + 1n, n - 256n, 2n * n, top, 1n << 248n].filter(
      fits,
    );
    const sparse = Array.from({ length: 9 }, (_, i) => 0xabn << BigInt(24 * i));
    // An odd count, so that one pair is not full.
    const all = [
      ...edges,
      ...sparse,
      ...Array.from({ length: 41 }, () => big(random.bytes(domain.size)) % n),
    ];
    const plain = new KernelCurve(kernel, domain, false);
    for (const some of [all, all.slice(1), all.slice(0, 7)]) {
      const scalars = Buffer.concat(some.map((value) => little(value, curve.width)));
      expect([...curve.affinePoints(scalars)]).toEqual([...plain.affinePoints(scalars)]);
    }
  });
});

test('Curve25519 in Weierstrass form yields X25519 public keys', () => {
  const curve = new KernelCurve(kernel, WEI25519);
  for (let i = 0; i < 10; i++) {
    const raw = randomBytes(32);
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), raw]);
    const key = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
    const scalar = Buffer.from(raw);
    scalar[0]! &= 248;
    scalar[31] = (scalar[31]! & 127) | 64;
    const [{ x } = { x: 0n }] = curve.affinePoints(scalar);
    const u = (x - WEI25519_SHIFT + WEI25519.p) % WEI25519.p;
    expect(little(u, 32)).toEqual(key.export({ format: 'der', type: 'spki' }).subarray(-32));
  }
});
