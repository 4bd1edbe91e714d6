import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import type { Occurrence } from '../../src/core/model/report.js';
import { HprofBuilder } from '../formats/build-hprof.js';
import { readAll } from '../formats/hprof-oracle.js';
import { parts } from '../search/harness.js';
import { rsaFrom } from '../search/seeded.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { startTarget } from '../support/processes.js';
import type { Report } from '../support/reports.js';
import { describeWithSamples } from '../support/samples.js';
import { freshSecrets, type Secrets, writePem, writePrivate } from '../support/secrets.js';

/** Every JDK of this machine, without duplicates. */
function jdks(): string[] {
  const folder = '/usr/lib/jvm';
  if (!existsSync(folder)) return [];
  const homes = readdirSync(folder).map((name) => realpathSync(join(folder, name)));
  return [...new Set(homes)].filter((home) =>
    ['java', 'javac', 'jmap'].every((name) => existsSync(join(home, 'bin', name))),
  );
}

/**
 * A program that holds secrets in every way a Java program can; `literals` are constants of its class file.
 */
function source(literals: readonly string[]): string {
  const fields = literals.map((text, i) => `  static final String LITERAL_${i} = ${JSON.stringify(text)};`);
  return `
import java.math.BigInteger;
import java.nio.file.*;

public class Holder {
  static byte[] PKCS8;
  static Holder held;
  static byte[][] table;
${fields.join('\n')}
  String pem;
  char[] token;
  String wide;
  BigInteger exponent;
  public static void main(String[] arguments) throws Exception {
    held = new Holder();
    held.pem = Files.readString(Path.of("rsa.pem"));
    held.token = Files.readString(Path.of("token")).toCharArray();
    held.wide = "\\u043a\\u043b\\u044e\\u0447 " + Files.readString(Path.of("wide"));
    held.exponent = new BigInteger(1, Files.readAllBytes(Path.of("exponent")));
    PKCS8 = Files.readAllBytes(Path.of("ec.der"));
    table = new byte[][] { new byte[8], Files.readAllBytes(Path.of("ed25519.der")) };
    System.out.println("ready");
    Thread.sleep(600_000);
  }
}
`;
}

interface Held extends Secrets {
  literals: string[];
}

async function dumpOf(home: string, folder: string, options: string): Promise<{ path: string; held: Held }> {
  const secrets = freshSecrets();
  const random = new SeededRandom(secrets.github);
  const held = { ...secrets, literals: Array.from({ length: 12 }, () => githubToken(random)) };
  writePem(folder, 'rsa.pem', held.rsa);
  writePrivate(folder, 'token', held.github);
  writePrivate(folder, 'wide', held.npm);
  writePrivate(folder, 'exponent', Buffer.from(held.rsa.export({ format: 'jwk' }).d!, 'base64url'));
  writePrivate(folder, 'ec.der', held.ec.export({ format: 'der', type: 'pkcs8' }));
  writePrivate(folder, 'ed25519.der', held.ed25519.export({ format: 'der', type: 'pkcs8' }));
  writePrivate(folder, 'Holder.java', source(held.literals));
  execFileSync(join(home, 'bin/javac'), ['Holder.java'], { cwd: folder, stdio: 'ignore' });
  const target = await startTarget(join(home, 'bin/java'), ['-Xmx64m', '-cp', '.', 'Holder'], {
    cwd: folder,
    ready: 'ready',
  });
  const path = join(folder, 'heap.hprof');
  try {
    const jmap = [`-dump:${options},file=${path}`, String(target.pid)];
    execFileSync(join(home, 'bin/jmap'), jmap, { stdio: 'ignore' });
  } finally {
    await target.stop();
  }
  return { path, held };
}

const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** Whole secrets as encoded in a dump: UTF-8 (Latin-1), UTF-16 of both orders, DER. */
function needles(held: Held): { secret: string; bytes: Buffer }[] {
  const pem = held.rsa.export({ format: 'pem', type: 'pkcs8' }).toString().trim();
  const texts = [pem, held.github, held.npm, ...held.literals].flatMap((text) =>
    [Buffer.from(text), Buffer.from(text, 'utf16le'), swapped(text)].map((bytes) => ({
      secret: text,
      bytes,
    })),
  );
  const der = (['ec', 'ed25519'] as const).map((secret) => ({
    secret,
    bytes: held[secret].export({ format: 'der', type: 'pkcs8' }),
  }));
  return [...texts, ...der];
}

/** Every place of a needle. */
function* sightings(bytes: Buffer, needle: Buffer): Generator<number> {
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) yield at;
}

/** Compares each secret in an array or a text of the heap with the report's occurrence at that place. */
function check(report: Report, artifact: number, bytes: Buffer, held: Held): void {
  const { arrays, texts, owners } = readAll(bytes);
  const occurrences = report.findings
    .flatMap((finding) => finding.occurrences)
    .filter((occurrence) => occurrence.artifact === artifact);
  const names = new Set<string>();
  for (const { bytes: needle } of needles(held)) {
    for (const at of sightings(bytes, needle)) {
      const array = arrays.find(({ data, length }) => at >= data && at + needle.length <= data + length);
      const text = texts.find(({ offset, length }) => at >= offset && at + needle.length <= offset + length);
      // The UTF-16 needle of one byte order also matches text of the other, one byte off.
      if (array === undefined && text === undefined) continue;
      if (array !== undefined && array.type === 8 && needle[0] === 0) continue;
      const found = occurrences.filter(({ offset }) => offset === at);
      expect(found).toHaveLength(1);
      const { region } = found[0] as Occurrence;
      if (text !== undefined) expect(region).toEqual({ kind: 'note', name: 'HPROF_UTF8' });
      else expect([...(owners.get(array!.id) ?? ['byte[]', 'char[]'])]).toContain(region.name);
      names.add(region.name!);
    }
  }
  const all = ['Holder.PKCS8', 'Holder.token', 'java.lang.String.value', 'HPROF_UTF8'];
  expect([...names]).toEqual(expect.arrayContaining(all));
  const exponent = occurrences.filter(({ region }) => region.name === 'java.math.BigInteger.mag');
  expect(exponent).toMatchObject([{ component: 'd', encoding: 'bytes-be' }]);
  // d has 256 bytes, or a few less for some keys.
  expect([253, 254, 255, 256]).toContain(exponent[0]?.length);
}

describeWith(['java', 'java 21'], 'a heap dump by jmap', () => {
  test.each(jdks())('of %s, live: each secret is found with its class and field', async (home) => {
    await withTempDir(async (folder) => {
      const { path, held } = await dumpOf(home, folder, 'live,format=b');
      const { report } = await scanJson([path]);
      expect(report.artifacts).toMatchObject([
        { format: 'hprof', process: { bits: 64, threads: expect.any(Number) }, warnings: [] },
      ]);
      check(report, 0, readFileSync(path), held);
    });
  });

  test.each(jdks())('of %s, compressed by jmap itself', async (home) => {
    await withTempDir(async (folder) => {
      const { path, held } = await dumpOf(home, folder, 'format=b,gz=1');
      const { report } = await scanJson([path]);
      expect(report.artifacts.map(({ format }) => format)).toEqual(['gzip', 'hprof']);
      check(report, 1, gunzipSync(readFileSync(path)), held);
    });
  });
});

describe('a heap dump of arrays', () => {
  test('shows a key with numbers at odd bytes, among arrays with numbers from the sweep', async () => {
    const key = rsaFrom('heap of arrays', 2048);
    const random = new SeededRandom('heap of arrays');
    const b = new HprofBuilder();
    b.primitiveArray(1, 8, Buffer.alloc(5003, 'text of a class '));
    for (const [i, name] of ['n', 'p', 'q'].entries()) {
      b.primitiveArray(0x100 + i, 8, random.bytes(4096 + i));
      b.primitiveArray(0x200 + i, 10, parts(key)[name]!);
    }
    b.primitiveArray(2, 8, Buffer.alloc(5003, 'text of a class '));
    b.heap();
    await withTempDir(async (folder) => {
      const path = writePrivate(folder, 'heap.hprof', b.done());
      const { report } = await scanJson([path]);
      expect(report.findings).toHaveLength(1);
      const { ruleId, occurrences } = report.findings[0]!;
      expect(ruleId).toBe('private-key-number');
      expect(occurrences.every(({ encoding }) => encoding === 'bytes-be')).toBe(true);
      expect(occurrences.some(({ offset }) => offset % 8 !== 0)).toBe(true);
    });
  });
});

describe('a heap dump of a constant pool', () => {
  test('shows a token whose record has a letter before it', async () => {
    const { github, npm } = freshSecrets();
    const b = new HprofBuilder();
    b.name(github, 0x78787878);
    b.name(npm, 0x41);
    await withTempDir(async (folder) => {
      const path = writePrivate(folder, 'heap.hprof', b.done());
      const { report } = await scanJson([path]);
      expect(report.findings.map(({ location }) => location.region)).toEqual([
        { kind: 'note', name: 'HPROF_UTF8' },
        { kind: 'note', name: 'HPROF_UTF8' },
      ]);
    });
  });

  test('that is cut is incomplete, and reported as cut', async () => {
    const b = new HprofBuilder();
    b.primitiveArray(8, 8, Buffer.alloc(1000));
    b.heap();
    await withTempDir(async (folder) => {
      const path = writePrivate(folder, 'heap.hprof', b.done().subarray(0, 500));
      const { status, report } = await scanJson([path]);
      expect(status).toBe(2);
      const [artifact] = report.artifacts;
      expect(artifact?.warnings).toMatchObject([{ code: 'hprof-truncated' }]);
      expect(artifact?.coverage.file.unread).toMatchObject([
        { offset: 500, reason: expect.stringMatching(/^the heap dump is cut: /) },
      ]);
    });
  });
});

describeWithSamples('heap dumps of other programs', (samples) => {
  test('have no finding of severity medium or above', async () => {
    const { report } = await scanJson([join(samples, 'hprof')]);
    expect(report.artifacts.filter(({ format }) => format === 'hprof')).toHaveLength(4);
    const grave = report.findings.filter(({ severity }) => !['info', 'low'].includes(severity));
    expect(
      grave.map(({ ruleId, location }) => `${ruleId} in ${location.path} at ${location.offset}`),
    ).toEqual([]);
  });
});
