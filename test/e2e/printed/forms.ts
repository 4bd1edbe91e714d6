import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { withTempDir } from '../../support/folder.js';
import { PYTHON, program } from '../../support/programs.js';

/** Bytes as text, by the programs that write them so: none shares code with src. */
export type Forms = Readonly<Record<string, Buffer>>;

const TOOLS = [
  'base32',
  'hexdump',
  'hexdump -C',
  'hexdump -b',
  'hexdump -c',
  'od',
  'od -b',
  'od -c',
  'od -tx1',
  'od -A x -t x1z',
  'od -tx8',
  'od -td4',
  'od -tu8',
  'xxd',
  'xxd -b',
  'xxd -e',
  'xxd -e -g 8',
  'xxd -i',
];

const EXAMINE = ['bx', 'bd', 'bo', 'c', 'hx', 'wx', 'wd', 'gx', 'gu'];
const SIZES: Readonly<Record<string, number>> = { b: 1, c: 1, h: 2, w: 4, g: 8 };

/** What gdb prints of memory at a symbol: an object file at an address of a position-independent program. */
function gdbForms(bytes: Buffer): Promise<Record<string, Buffer>> {
  return withTempDir(async (folder) => {
    const [raw, object] = [join(folder, 'secret'), join(folder, 'secret.o')];
    writeFileSync(raw, Buffer.concat([bytes, Buffer.alloc(-bytes.length & 7)]));
    const copied = [
      ...['-I', 'binary', '-O', 'elf64-x86-64', '--change-section-address', '.data=0x55e0c0de10a0'],
      ...['secret', 'secret.o'],
    ];
    execFileSync(program('objcopy'), copied, { cwd: folder });
    const forms: Record<string, Buffer> = {};
    for (const format of EXAMINE)
      for (const symbols of [false, true]) {
        const count = Math.ceil(bytes.length / SIZES[format[0]!]!);
        const commands = [
          `set print symbol-filename off`,
          ...(symbols ? [] : ['set print max-symbolic-offset 1']),
          `x/${count}${format} ${symbols ? '&_binary_secret_start' : '0x55e0c0de10a0'}`,
        ];
        const args = ['-nx', '-batch', object, ...commands.flatMap((command) => ['-ex', command])];
        forms[`gdb x/${format}${symbols ? ' with symbols' : ''}`] = execFileSync(program('gdb'), args, {
          stdio: ['ignore', 'pipe', 'ignore'],
        });
      }
    return forms;
  });
}

const wide = (text: Buffer): Buffer => Buffer.from(text.toString('latin1'), 'utf16le');
/** Forms that are tried in UTF-16 too. */
const WIDE = ['hex le', 'base64 le', 'hexdump -C', 'base32', 'decimal words of 64 bits', 'od -c'];

/** All forms of some bytes. */
export async function formsOf(bytes: Buffer): Promise<Forms> {
  const options = { input: bytes, maxBuffer: 2 ** 24 };
  const script = fileURLToPath(asset('test/e2e/printed/writers.py'));
  const written = JSON.parse(execFileSync(PYTHON, [script], options).toString()) as Record<string, string>;
  const forms: Record<string, Buffer> = await gdbForms(bytes);
  for (const [name, text] of Object.entries(written)) forms[name] = Buffer.from(text, 'latin1');
  for (const tool of TOOLS) {
    const [name = '', ...args] = tool.split(' ');
    forms[tool] = execFileSync(program(name), args, options);
  }
  for (const name of WIDE) forms[`${name} in UTF-16`] = wide(forms[name]!);
  return forms;
}
