/**
 * A process that scans, and then looks through all its own live buffers, memories of kernels and strings for
 * what the scan has found. Prints {@link Remains} as JSON. Arguments: threads, bytes of the source.
 */
import { randomBytes } from 'node:crypto';
import { Session } from 'node:inspector';
import { getHeapSnapshot, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { rsaKey } from '../../fixtures/keys.js';
import { SeededRandom } from '../../fixtures/random.js';
import { Scanner } from '../../src/index.js';

export interface Remains {
  /** Rules of what the scan found. */
  found: string[];
  /** Live buffers with a part of a secret: its name, and the bytes of the buffer. */
  buffers: string[];
  /** Names of secrets that are a string. */
  strings: string[];
  /** Buffers that were looked through. */
  looked: number;
}

/** Bytes of the slabs that Node cuts small buffers from; it does not clear them, and shares them with all. */
const POOL = Buffer.poolSize;
/** The secrets are never in this process as they are, but in the source. */
const MASK = 0x5a;
const PIECE = 16;
const masked = (bytes: Uint8Array): Buffer => Buffer.from(bytes.map((byte) => byte ^ MASK));

function secrets(): Record<string, Uint8Array> {
  const digits = randomBytes(90)
    .toString('base64')
    .replace(/[^0-9A-Za-z]/g, '')
    .slice(0, 36);
  const { p } = rsaKey(new SeededRandom('scanner memory')).export({ format: 'jwk' });
  const plain = {
    token: Buffer.concat([Buffer.from('Z2hwXw==', 'base64'), Buffer.from(digits)]),
    prime: Buffer.from(p!, 'base64url').reverse(),
  };
  const hidden = { token: masked(plain.token), prime: masked(plain.prime) };
  for (const each of Object.values(plain)) each.fill(0);
  return hidden;
}

function source(size: number, planted: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(size));
  const { n } = rsaKey(new SeededRandom('scanner memory')).export({ format: 'jwk' });
  bytes.set(Buffer.from(n!, 'base64url').reverse(), 2048);
  for (const [i, secret] of Object.values(planted).entries()) {
    const at = 4096 * (i + 1);
    for (const [j, byte] of secret.entries()) bytes[at + j] = byte ^ MASK;
  }
  return bytes;
}

async function scanned(
  scanner: Scanner,
  size: number,
  planted: Record<string, Uint8Array>,
): Promise<string[]> {
  const bytes = source(size, planted);
  const found: string[] = [];
  for await (const event of scanner.scan({ name: 'planted', bytes }))
    if (event.type === 'finding') found.push(event.ruleId);
  bytes.fill(0);
  return found.sort();
}

const session = new Session();
session.connect();

function inspect<T>(method: string, parameters: object): T {
  let result: T | undefined;
  session.post(method, parameters, (error, answer) => {
    if (error) throw error;
    result = answer as T;
  });
  return result!;
}

type Looked = { size: number; bytes: () => Uint8Array };

/** All objects of a kind that are reachable now. */
function live(kind: 'ArrayBuffer' | 'SharedArrayBuffer' | 'WebAssembly.Memory'): Looked[] {
  const found: (ArrayBuffer | WebAssembly.Memory)[] = [];
  Object.assign(globalThis, { takeLive: (all: typeof found) => void found.push(...all) });
  const { result } = inspect<{ result: { objectId: string } }>('Runtime.evaluate', {
    expression: `${kind}.prototype`,
  });
  const { objects } = inspect<{ objects: { objectId: string } }>('Runtime.queryObjects', {
    prototypeObjectId: result.objectId,
  });
  inspect('Runtime.callFunctionOn', {
    functionDeclaration: 'function () { takeLive(this); }',
    objectId: objects.objectId,
  });
  return found.map((each) => {
    const buffer = (): ArrayBuffer => ('buffer' in each ? each.buffer : each) as ArrayBuffer;
    return { size: buffer().byteLength, bytes: () => new Uint8Array(buffer()) };
  });
}

function partsIn(bytes: Uint8Array, hidden: Uint8Array): boolean {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + PIECE <= hidden.length; at += PIECE) {
    const piece = masked(hidden.subarray(at, at + PIECE));
    const isThere = all.indexOf(piece) >= 0;
    piece.fill(0);
    if (isThere) return true;
  }
  return false;
}

const [jobs, size] = process.argv.slice(2).map(Number) as [number, number];
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const planted = secrets();
const scanner = await Scanner.open({ jobs });
const found = await scanned(scanner, size, planted);
for (let i = 0; i < 3; i++) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  collect();
}
const all = [...live('ArrayBuffer'), ...live('SharedArrayBuffer'), ...live('WebAssembly.Memory')];
const buffers = all.flatMap((each) =>
  each.size === POOL
    ? []
    : Object.entries(planted).flatMap(([name, hidden]) =>
        partsIn(each.bytes(), hidden) ? [`${name} in ${each.size} bytes`] : [],
      ),
);
const snapshot: Buffer[] = [];
for await (const chunk of getHeapSnapshot()) snapshot.push(chunk as Buffer);
const strings = partsIn(Buffer.concat(snapshot), planted.token!) ? ['token'] : [];
const remains: Remains = { found, buffers, strings, looked: all.length };
process.stdout.write(JSON.stringify(remains));
await scanner.close();
