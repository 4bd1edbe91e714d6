import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { PROMISED } from '../formats/promised-dumps.js';
import { collect } from './collect.js';

/**
 * Dumps that are cut, or whose headers are changed: none may pass for a whole one, and what is left of it is
 * searched whatever its headers say.
 */

interface Damaged {
  what: string;
  bytes: Buffer;
}

/** Every dump of the table with the same damage by turns; a token is its last text. */
function* damaged(count: number): Generator<Damaged> {
  const random = new SeededRandom('damaged dumps');
  const number = (below: number): number => random.bytes(4).readUInt32LE() % below;
  for (let i = 0; i < count; i++) {
    const [name, { bytes, fields }] = PROMISED[i % PROMISED.length]!;
    const field = fields[number(Math.max(1, fields.length))];
    if (field === undefined || i % 3 === 0) {
      const last = [bytes.length >> 2, bytes.length >> 1, bytes.length - 1 - number(64)][number(3)]!;
      yield { what: `${name} cut at ${last}`, bytes: Buffer.from(bytes.subarray(0, Math.max(last, 64))) };
      continue;
    }
    const changed = Buffer.from(bytes);
    const old = changed.readUInt32LE(field.offset);
    const value = [0, old + 1, Math.max(0, old - 1), 2 * old, number(2 ** 32)][number(5)]! % 2 ** 32;
    changed.writeUInt32LE(value === old ? old ^ 0x40 : value, field.offset);
    yield { what: `${name}, ${field.name} ${old} is ${value}`, bytes: changed };
  }
}

/** Scans `count` damaged dumps; returns those that passed, or in which the token was not found. */
export async function damageDumps(count: number): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-test-'));
  const token = Buffer.from(` ${githubToken(new SeededRandom('damaged dumps'))} `);
  const failures: string[] = [];
  try {
    for (const { what, bytes } of damaged(count)) {
      const path = join(folder, 'damaged');
      writeFileSync(path, bytes);
      const { summary } = await collect({ paths: [path], entropyNet: false });
      if (summary.exit !== 2 || summary.complete) failures.push(`${what}: exit ${summary.exit}`);
      // Between two headers, where no field of them is.
      if (bytes.length < 4096) continue;
      token.copy(bytes, bytes.length - token.length - 32);
      writeFileSync(path, bytes);
      const { findings } = await collect({ paths: [path], entropyNet: false });
      if (findings.length === 0) failures.push(`${what}: the token was not found`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return failures;
}
