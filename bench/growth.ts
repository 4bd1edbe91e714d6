/**
 * Growth: processor time of the whole command on memory of five kinds, from one size to the next, without a
 * public key, with public keys in a list (foreign ones) and with lone ones (written ones).
 *
 *   node dist/bench/growth.js --dir DIR [--sizes 256M,1G] [--kinds noise,code,values,JVM,text]
 *                             [--keys none,list,lone] [--command FILE]
 *
 * Each row has the seconds of user and system time, and the ratio to the size before. The inputs are made in
 * DIR and removed. Ends with status 1 if a ratio is above {@link MOST} for four times the bytes, if not every
 * byte was read, or if the public keys were not counted as what they are.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ecFrom, ed25519From, rsaFrom } from '../test/search/seeded.js';
import { Inputs, MiB } from './command/inputs.js';
import { COMMAND, type Report, run } from './command/measure.js';
import { sizeOf } from './noise/size.js';
import { writeNoise } from './noise/write.js';

/** Most growth for four times the bytes. */
const MOST = 4.4;

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: '.' },
    sizes: { type: 'string', default: '256M,1G' },
    kinds: { type: 'string', default: 'noise,code,values,JVM,text' },
    keys: { type: 'string', default: 'none,list,lone' },
    command: { type: 'string', default: COMMAND },
  },
});
const inputs = new Inputs(values.dir);

const noise = (kind: string) => (size: number, path: string) =>
  writeNoise({ kind, size, key: 'none', seed: '1' }, path);

/** Each repetition begins at a multiple of a page, so that it has the same words. */
const PAGE = 4096;

/** A file from its middle on, repeated: of a core, memory without its headers. */
function repeat(of: string, size: number, path: string): void {
  const [source, out] = [openSync(of, 'r'), openSync(path, 'w')];
  const piece = Buffer.alloc(8 * MiB);
  const { size: length } = statSync(of);
  const start = Math.min(MiB, length / 2);
  const end = start + Math.floor((length - start) / PAGE) * PAGE;
  for (let at = 0, from = start; at < size; ) {
    const got = readSync(source, piece, 0, Math.min(piece.length, size - at, end - from), from);
    from = got === 0 ? start : from + got;
    at += writeSync(out, piece, 0, got);
  }
  closeSync(source);
  closeSync(out);
}

const KINDS: Readonly<Record<string, (size: number, path: string) => unknown>> = {
  noise: noise('malloc-128'),
  code: (size, path) => repeat(inputs.files(), size, path),
  values: noise('redis'),
  JVM: async (size, path) => repeat(await inputs.core('java'), size, path),
  text: noise('json'),
};

const spki = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }) as Buffer;

/** Public keys of RSA (with a common and an unusual exponent), P-256 and Ed25519. */
const keys = (): Buffer[] =>
  [
    rsaFrom('growth', 2048),
    rsaFrom('growth', 2048, 0x1_dfbbn),
    ecFrom('growth', 'P-256', 'prime256v1', 32).key,
    ed25519From('growth'),
  ].map(spki);
const others = (): Buffer[] => Array.from({ length: 16 }, (_, i) => spki(ed25519From(`growth ${i}`)));

/** Public keys behind the memory, and what `--debug` counts them as. */
const KEYS: Readonly<Record<string, { made: () => Buffer[]; kind: string }>> = {
  none: { made: () => [], kind: '' },
  list: { made: () => [...keys(), ...others()], kind: 'foreign (list)' },
  lone: { made: keys, kind: 'written' },
};

const apart = (parts: readonly Buffer[]): Buffer =>
  Buffer.concat(parts.flatMap((part) => [part, Buffer.alloc(256 - (part.length % 16))]));

/** Seconds of a scan; throws if it has not read everything, or has counted the keys as something else. */
function secondsOf(path: string, { made, kind }: (typeof KEYS)[string]): { seconds: number; status: number } {
  const added = made();
  appendFileSync(path, Buffer.concat([Buffer.alloc(1 << 17), apart(added)]));
  const args = [process.execPath, values.command, 'scan', '--debug', '--format', 'json', path];
  const { processor, status, stdout, stderr } = run(args, join(values.dir, 'times'));
  const { artifacts, findings } = JSON.parse(stdout) as Report;
  const { coverage, size } = artifacts[0]!;
  if (size !== statSync(path).size || coverage.file.bytes !== size || coverage.file.unread.length > 0)
    throw new Error(`${path}: not every byte was read`);
  const own = new Set(added.map((each) => each.toString('base64')));
  if (findings.some(({ key }) => own.has(key?.spki ?? ''))) throw new Error(`${path}: a key was found`);
  const counted = Number(new RegExp(`(\\d+) ${kind.replace(/[()]/g, '\\$&')}`).exec(stderr)?.[1] ?? 0);
  // Memory of programs has public keys of its own.
  if (values.command === COMMAND && kind !== '' && counted < added.length)
    console.log(`${counted} of ${added.length} public keys are ${kind}`);
  return { seconds: processor / 1000, status };
}

const sizes = values.sizes.split(',');
console.log(`| memory | public keys | ${sizes.join(' | ')} | growth | exit |`);
console.log(`|---|---|${sizes.map(() => '---|').join('')}---|---|`);
for (const kind of values.kinds.split(','))
  for (const name of values.keys.split(',')) {
    const measured: { bytes: number; seconds: number; status: number }[] = [];
    for (const size of sizes) {
      const path = inputs.path(`growth-${kind}.bin`);
      if (existsSync(path)) rmSync(path);
      await KINDS[kind]!(sizeOf(size), path);
      measured.push({ bytes: sizeOf(size), ...secondsOf(path, KEYS[name]!) });
      rmSync(path);
    }
    const growth = measured.slice(1).map(({ bytes, seconds }, i) => {
      const before = measured[i]!;
      const ratio = seconds / before.seconds;
      if (ratio > MOST * (bytes / before.bytes / 4)) process.exitCode = 1;
      return ratio.toFixed(2);
    });
    const columns = measured.map(({ seconds }) => `${seconds.toFixed(1)} s`).join(' | ');
    const statuses = measured.map(({ status }) => status).join(', ');
    console.log(`| ${kind} | ${name} | ${columns} | ${growth.join(', ')} | ${statuses} |`);
  }
