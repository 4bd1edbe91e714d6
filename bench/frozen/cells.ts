import { pkcs8Pem } from '../../fixtures/keys.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { parts } from '../../test/search/harness.js';
import { Memory } from '../../test/search/memory.js';
import { rsaFrom } from '../../test/search/seeded.js';
import { type Forms, NUMBER_TEXTS, NUMBERS, STREAMS, TEXTS, VALUE_TEXTS } from './forms.js';
import type { SideFile } from './input.js';

const key = rsaFrom('frozen cells', 2048);
const token = githubToken(new SeededRandom('frozen cells'));

/** The secrets of all cells, for `--find` and masks. */
export const CELL_SECRETS: readonly SideFile[] = [
  { path: 'find/cells.pem', text: pkcs8Pem(key) },
  { path: 'find/cells.env', text: `GITHUB_TOKEN=${token}\n` },
];

/** A secret in one form: what the table of encodings has in one cell. */
export interface Cell {
  name: string;
  form: Buffer;
  /** The form is text in UTF-8, which a mask can be asked for. */
  isText: boolean;
  /** A number in memory: what `--find` searches for. */
  isNumber: boolean;
}

function* formsOf(secret: string, bytes: Buffer, forms: Forms, is: Partial<Cell> = {}): Generator<Cell> {
  for (const [form, write] of Object.entries(forms)) {
    const name = `${secret}, ${form.replaceAll('/', ' ')}`;
    const isText = is.isText === true && !form.includes('UTF-16');
    yield { name, form: write(bytes), isText, isNumber: is.isNumber ?? false };
  }
}

/** A prime of 1,024 bits and a token of 40 characters in every form. */
export function cells(): Cell[] {
  const prime = parts(key).p!;
  const value = Buffer.from(token);
  const printed = { isText: true };
  return [
    ...formsOf('prime', prime, NUMBERS, { isNumber: true }),
    ...formsOf('prime', prime, { ...NUMBER_TEXTS, ...TEXTS }, printed),
    ...formsOf('prime', prime, STREAMS),
    ...formsOf('token', value, { ...VALUE_TEXTS, ...TEXTS }, printed),
    ...formsOf('token', value, STREAMS),
  ];
}

/** Memory that holds a cell and, unless `bare`, both secrets in plain. */
export function memoryOf({ form }: Cell, bare: boolean): Buffer {
  const memory = new Memory();
  memory.filler(1024);
  if (!bare) {
    memory.chunk(Buffer.from(pkcs8Pem(key)));
    memory.chunk(Buffer.from(`GITHUB_TOKEN=${token}\0`));
  }
  memory.filler(512);
  memory.chunk(form);
  memory.filler(1024);
  return memory.bytes();
}
