import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { openDump } from '../../../src/formats/formats.js';
import { structureFills } from '../../../src/redact/fill/structure/structure.js';
import { auxv, Writer } from '../../formats/build-elf.js';
import { ADDRESS, BuiltProcess, SP, STACK } from '../built-core.js';
import { windowsIn } from '../windows.js';

const KIND = { bits: 64, endian: 'le' } as const;

/** The dump with its structure filled, and the causes. */
function filled(bytes: Uint8Array, format: string) {
  const copy = Buffer.from(bytes);
  const causes = new Set<string>();
  for (const { offset, length, cause } of structureFills(bufferReader(bytes), format)) {
    copy.fill(0, offset, offset + length);
    causes.add(cause);
  }
  return { copy, causes };
}

describe('the structure of a core', () => {
  const process = new BuiltProcess('structure');
  const notes = process.noise(0);
  const CODE = ADDRESS.text + 0x123n;
  process.registers[0]![3] = CODE;
  const core = process.core();
  const { copy, causes } = filled(core.bytes, 'elf-core');

  test('has registers that are addresses of code or of the stack, and no others', () => {
    const { threads } = openDump(bufferReader(copy)).process;
    expect(threads).toBe(2);
    expect(copy.includes(new Writer('le').u64(CODE).done())).toBe(true);
    const values = process.registers.flatMap((all) => all.map((value) => new Writer('le').u64(value).done()));
    const notKept = values.filter((value) => value.readBigUInt64LE() > 2n ** 60n);
    const before = core.offsets[0]!;
    expect(notKept.length).toBeGreaterThan(20);
    expect(notKept.filter((value) => copy.subarray(0, before).includes(value))).toEqual([]);
    for (const base of [ADDRESS.stack, ADDRESS.threadStack])
      expect(copy.includes(new Writer('le').u64(base + BigInt(SP)).done())).toBe(true);
  });

  test('has no 8 bytes of arguments, vector registers and unknown notes; memory stays', () => {
    const before = core.offsets[0]!;
    const [stackNoise] = [process.stack];
    expect(stackNoise).toHaveLength(STACK);
    expect(notes).toHaveLength(0);
    expect(windowsIn(copy.subarray(0, before), process.secret)).toEqual([]);
    expect(copy.subarray(before).equals(Buffer.from(core.bytes).subarray(before))).toBe(true);
    expect(causes).toEqual(new Set(['notes and registers']));
  });

  test('has no arguments, environment, random bytes and name of the program on the stack', () => {
    const other = new BuiltProcess('strings');
    const random = new SeededRandom('marks');
    const secret = () => random.bytes(24).toString('hex');
    const [argument, variable] = [secret(), secret()];
    const strings = ['program', `--key=${argument}`, `PATH=/bin`, `TOKEN=${variable}`, '/opt/bin/program'];
    const bytes = Buffer.from(`${strings.join('\0')}\0`);
    const at = STACK - bytes.length - 8;
    other.stack.fill(0, at - 600);
    other.stack.set(bytes, at);
    const addressOf = (text: string) => ADDRESS.stack + BigInt(at + bytes.indexOf(text));
    const randomAt = at - 32;
    const marks = Buffer.from(random.bytes(16));
    other.stack.set(marks, randomAt);
    const vector = auxv(KIND, [
      [3, ADDRESS.program + 64n],
      [5, 5n],
      [9, ADDRESS.text],
      [25, ADDRESS.stack + BigInt(randomAt)],
      [31, addressOf('/opt/bin/program')],
    ]);
    const table = new Writer('le')
      .u64(2n, addressOf('program'), addressOf('--key'), 0n, addressOf('PATH'), addressOf('TOKEN'), 0n)
      .done();
    other.stack.set(Buffer.concat([table, vector.desc]), at - 400);
    const built = other.core((spec) => ({
      ...spec,
      notes: (spec.notes ?? []).map((note) => (note.type === 6 ? vector : note)),
    }));
    const { copy, causes } = filled(built.bytes, 'elf-core');
    for (const text of [argument, variable, 'TOKEN=', 'PATH=/bin', '/opt/bin/program'])
      expect([text, copy.includes(text)]).toEqual([text, false]);
    expect(copy.includes(marks)).toBe(false);
    expect([...causes].sort()).toEqual([
      ...['argv', 'auxiliary vector', 'environment', 'notes and registers', 'random bytes'],
    ]);
    expect(copy.includes(table)).toBe(true);
  });
});
