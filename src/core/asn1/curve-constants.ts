import { inverse } from '../base/bytes/integers.js';
import { DOMAINS, type Domain, OLD_DOMAINS } from './domain.js';

/** Numbers that programs with elliptic curves hold, of which none is a secret. */

/** Odd multiples of the generator in tables with windows of 8 bits (elliptic has 7). */
const ODD = 256n;

/** Jacobian coordinates: x = X/Z^2, y = Y/Z^3. */
type Point = readonly [bigint, bigint, bigint];
type Affine = readonly [bigint, bigint];

function modulo(value: bigint, p: bigint): bigint {
  const rest = value % p;
  return rest < 0n ? rest + p : rest;
}

function double([x, y, z]: Point, { p, a }: Domain): Point {
  const square = (y * y) % p;
  const s = (4n * x * square) % p;
  const m = (3n * x * x + a * ((z * z) % p) ** 2n) % p;
  const next = modulo(m * m - 2n * s, p);
  return [next, modulo(m * (s - next) - 8n * square * square, p), (2n * y * z) % p];
}

/** Adds an affine point, which is neither the point nor its negative. */
function add([x, y, z]: Point, [x2, y2]: Affine, { p }: Domain): Point {
  const square = (z * z) % p;
  const h = modulo(x2 * square - x, p);
  const r = modulo(y2 * ((square * z) % p) - y, p);
  const h2 = (h * h) % p;
  const next = modulo(r * r - h2 * h - 2n * x * h2, p);
  return [next, modulo(r * (x * h2 - next) - y * ((h2 * h) % p), p), (z * h) % p];
}

/** Affine coordinates, by one inversion for all points. */
function affine(points: readonly Point[], p: bigint): Affine[] {
  const products = [1n];
  for (const [, , z] of points) products.push((products.at(-1)! * z) % p);
  let rest = inverse(products.at(-1)!, p)!;
  const all: Affine[] = [];
  for (let i = points.length - 1; i >= 0; i--) {
    const [x, y, z] = points[i]!;
    const reciprocal = (rest * products[i]!) % p;
    rest = (rest * z) % p;
    const square = (reciprocal * reciprocal) % p;
    all.push([(x * square) % p, (y * ((square * reciprocal) % p)) % p]);
  }
  return all;
}

/** Points of tables for fast multiplication: 2^k G, and k G for small odd k. */
function tableOf(domain: Domain): Affine[] {
  const generator: Point = [domain.x, domain.y, 1n];
  const points: Point[] = [];
  let power = generator;
  for (let rest = domain.n; rest > 1n; rest >>= 1n) {
    points.push(power);
    power = double(power, domain);
  }
  const [doubled] = affine([double(generator, domain)], domain.p);
  let odd = add(double(generator, domain), [domain.x, domain.y], domain);
  for (let k = 3n; k < ODD; k += 2n) {
    points.push(odd);
    odd = add(odd, doubled!, domain);
  }
  return affine(points, domain.p);
}

/** Curves whose constants programs hold. */
export const CONSTANT_DOMAINS: readonly Domain[] = [...DOMAINS, ...OLD_DOMAINS];

const known = new Map<Domain, ReadonlySet<bigint>>();

function constantsOf(domain: Domain): ReadonlySet<bigint> {
  const { p, a, b, n, x, y } = domain;
  const constants = known.get(domain) ?? new Set([p, a, b, n, x, y, ...tableOf(domain).flat()]);
  known.set(domain, constants);
  return constants;
}

/** Leading octets of zero that a coordinate may have: more are less likely than one in 2^24. */
const ZEROS = 2;

/** True for a parameter of a curve, or a coordinate of a point that libraries keep in tables. */
export function isCurveConstant(value: bigint): boolean {
  const octets = Math.ceil(value.toString(16).length / 2);
  return CONSTANT_DOMAINS.some(
    (domain) => octets <= domain.size && octets >= domain.size - ZEROS && constantsOf(domain).has(value),
  );
}

/** True for a number of {@link isCurveConstant}, or a point of it in SEC 1, 2.3.3, in hexadecimal digits. */
export function isHexConstant(digits: string): boolean {
  if (isCurveConstant(BigInt(`0x${digits}`))) return true;
  const form = digits.slice(0, 2);
  const isWhole = form === '04' || form === '06' || form === '07';
  if (!isWhole && form !== '02' && form !== '03') return false;
  const x = digits.slice(2, isWhole ? 1 + digits.length / 2 : undefined);
  return x !== '' && isCurveConstant(BigInt(`0x${x}`));
}
