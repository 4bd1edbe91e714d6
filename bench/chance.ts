/**
 * Random values in the form of each rule whose pattern fixes few bits, and what is reported above low: all of
 * it is chance. Then each rule's own example among session ids: it must count.
 *
 *   node dist/bench/chance.js [--values 2000000] [--ids 600,2400] [--rules yandex-static-secret,nuget-key]
 *                             [--forms 'base64url 44,hex 138'] [--seed 1] [--folder DIR]
 *
 * The form of a rule is that of its example: length, and the smallest alphabet that has its characters. Rules
 * of one form share a file.
 */
import { createCipheriv, hash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { oddsOf } from '../src/detect/chance/rule-odds.js';
import { type Finding, scan } from '../src/index.js';
import { loadBuiltin } from '../src/rules/builtin.js';
import type { Rule } from '../src/rules/types.js';

const { values: options } = parseArgs({
  options: {
    values: { type: 'string', default: '2000000' },
    ids: { type: 'string', default: '600,2400' },
    rules: { type: 'string' },
    forms: { type: 'string' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string' },
  },
});

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const ALPHABETS: Readonly<Record<string, string>> = {
  hex: '0123456789abcdef',
  base32: `${UPPER}234567`,
  base36: `${LOWER}0123456789`,
  BASE36: `${UPPER}0123456789`,
  base62: `${UPPER}${LOWER}0123456789`,
  base64: `${UPPER}${LOWER}0123456789+/`,
  base64url: `${UPPER}${LOWER}0123456789-_`,
};

interface Form {
  alphabet: string;
  length: number;
}

/** The form of a rule's first example; undefined if it is no run of one alphabet. */
function formOf({ examples: [example = ''] }: Rule): Form | undefined {
  const [text = ''] = /[0-9A-Za-z+/_-]{16,}/.exec(example) ?? [];
  const alphabet = Object.keys(ALPHABETS).find((name) =>
    [...text].every((each) => ALPHABETS[name]!.includes(each)),
  );
  return alphabet === undefined ? undefined : { alphabet, length: text.length };
}

/** Values of a form, by AES-CTR: bytes modulo the size of the alphabet, without those that are too many. */
function* valuesOf({ alphabet, length }: Form, count: number, seed: string): Generator<string> {
  const characters = ALPHABETS[alphabet]!;
  const even = 256 - (256 % characters.length);
  const key = hash('sha256', `${seed} ${alphabet} ${length}`, 'buffer');
  const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(65_536);
  let text = '';
  for (let made = 0; made < count; ) {
    const codes = Buffer.from(stream.update(zeros).filter((byte) => byte < even));
    for (const [i, byte] of codes.entries()) codes[i] = characters.charCodeAt(byte % characters.length);
    text += codes.toString('latin1');
    let at = 0;
    for (; at + length <= text.length && made < count; at += length, made++)
      yield text.slice(at, at + length);
    text = text.slice(at);
  }
}

const CHUNK = 10_000;

function write(path: string, values: Iterable<string>): void {
  const file = openSync(path, 'w');
  let chunk: string[] = [];
  const flush = () => {
    writeSync(file, chunk.join(''), null, 'latin1');
    chunk = [];
  };
  for (const value of values) if (chunk.push(`\x41\0\0\0\0\0\0\0${value}\0\0\0\0\0`) >= CHUNK) flush();
  flush();
  closeSync(file);
}

const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'dumpsieve-chance-'));

async function findingsAmong(values: Iterable<string>): Promise<Finding[]> {
  const path = join(folder, 'values.raw');
  write(path, values);
  const found: Finding[] = [];
  for await (const event of scan({ paths: [path] })) if (event.type === 'finding') found.push(event);
  rmSync(path);
  return found;
}

const isLow = ({ severity, confidence }: Finding): boolean =>
  severity === 'low' || severity === 'info' || confidence === 'low';

const wanted = options.rules?.split(',');
const wantedForms = options.forms?.split(',');
const weak = loadBuiltin().filter(
  (rule) => rule.detector === 'text' && oddsOf(rule).isWeak && (wanted?.includes(rule.id) ?? true),
);
const forms = new Map<string, Form & { rules: Rule[] }>();
for (const rule of weak) {
  const form = formOf(rule);
  if (form === undefined) continue;
  const name = `${form.alphabet} ${form.length}`;
  if (wantedForms?.includes(name) === false) continue;
  const known = forms.get(name) ?? { ...form, rules: [] };
  known.rules.push(rule);
  forms.set(name, known);
}

let above = 0;
const count = Number(options.values);
if (count > 0)
  for (const [name, form] of forms) {
    const found = await findingsAmong(valuesOf(form, count, options.seed));
    const wrong = found.filter((each) => !isLow(each));
    above += wrong.length;
    const shown = wrong.map(({ ruleId, severity }) => `${ruleId} (${severity})`).join(', ');
    console.log(
      `${count} of ${name}: ${found.length - wrong.length} low, ${wrong.length} above ${shown}`.trim(),
    );
  }
console.log(`${above} above low among random values of ${forms.size} forms of ${weak.length} rules`);

const SESSIONS: readonly Form[] = [
  { alphabet: 'hex', length: 32 },
  { alphabet: 'base64url', length: 32 },
  { alphabet: 'base62', length: 24 },
  { alphabet: 'base64url', length: 43 },
];

/** Of each rule whether its example counts for more than low among ids, of sessions and of its own form. */
for (const ids of options.ids.split(',').map(Number))
  for (const kind of ['sessions', 'its own form']) {
    const lost: string[] = [];
    for (const { rules, ...form } of forms.values())
      for (const rule of rules) {
        const among = kind === 'sessions' ? SESSIONS : [form];
        const values = among.flatMap((each) => [...valuesOf(each, ids / among.length, rule.id)]);
        const found = await findingsAmong([...values, rule.examples[0]!]);
        const note = found
          .filter(({ ruleId }) => ruleId === rule.id)
          .flatMap(({ notes }) => notes.find((each) => each.startsWith('chance')) ?? []);
        if (note.length > 0) lost.push(rule.id);
      }
    const share = `${lost.length} of ${weak.length} explained by chance ${lost.join(' ')}`;
    console.log(`among ${ids} ids of ${kind}: ${share}`.trim());
  }
if (options.folder === undefined) rmSync(folder, { recursive: true });
process.exitCode = above > 0 ? 1 : 0;
