import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { DumpsieveError } from '../../src/core/base/runtime/errors.js';
import { KINDS, SEVERITIES } from '../../src/core/model/report.js';
import { loadRuleFiles } from '../../src/rules/load.js';
import { parseRuleFile } from '../../src/rules/parse.js';
import { CHECKS } from '../../src/rules/vocabulary.js';
import { program } from '../support/programs.js';

const valid = `- id: acme-token
  name: Acme token
  kind: token
  severity: high
  impact: acts as the user
  rotate: revoke it
  anchors: [acme_]
  window: {after: 25}
  pattern: '(?P<secret>acme_[0-9a-f]{20})'
  examples: [["acme_", "0a1b2c3d4e", {hex: '35 66 36 61'}, {base64: NmI3Yzhk}]]
  counterexamples: [["acme_", "short"]]
`;

/** The valid rule with one of its lines replaced. */
const broken = (field: string, line: string): string =>
  valid.replace(new RegExp(`^( {2}|- )${field}:.*\n`, 'm'), (_all, lead: string) => `${lead}${line}\n`);

const oneOf = (names: readonly string[]) => `one of ${names.map((name) => `"${name}"`).join('|')}`;

/** Fields that are no fields of a rule, one a line. */
const fieldsOf = (count: number): string => Array.from({ length: count }, (_, i) => `  no${i}: 1\n`).join('');

/** Mistakes of a rule that has only an id, which is wrong. */
const REQUIRED = 6;

/** The message for one mistake each: file, line, rule and field. */
const mistakes: [name: string, content: string, message: string][] = [
  [
    'a severity that does not exist',
    broken('severity', 'severity: huge'),
    `r/a.yaml:4: rule "acme-token", field "severity": Invalid option: expected ${oneOf(SEVERITIES)}`,
  ],
  [
    'a missing field, at the rule',
    broken('kind', 'signing: true'),
    `r/a.yaml:1: rule "acme-token", field "kind": is missing, expected ${oneOf(KINDS)}`,
  ],
  [
    'a missing text',
    broken('name', 'signing: true'),
    'r/a.yaml:1: rule "acme-token", field "name": is missing, expected string',
  ],
  [
    'an unknown field, with a suggestion',
    broken('severity', 'severity: high\n  anchor: [acme_]'),
    'r/a.yaml:5: rule "acme-token": unknown field "anchor" (did you mean "anchors"?)',
  ],
  [
    'an unknown field inside a field',
    broken('window', 'window: {after: 25, width: 3}'),
    'r/a.yaml:8: rule "acme-token", field "window": unknown field "width"',
  ],
  [
    'an id that is no id',
    broken('id', 'id: Acme Token'),
    'r/a.yaml:1: rule 1, field "id": lower-case words joined by hyphens',
  ],
  [
    'an anchor of two bytes',
    broken('anchors', 'anchors: [acme_, ab]'),
    'r/a.yaml:7: rule "acme-token", field "anchors[1]": an anchor has at least 3 bytes',
  ],
  [
    'a hex anchor that is no hex',
    broken('anchors', 'anchors: [{hex: "0g 11 22"}]'),
    'r/a.yaml:7: rule "acme-token", field "anchors[0].hex": hex digits in pairs, spaces between them allowed',
  ],
  [
    'a number for an anchor',
    broken('anchors', 'anchors: [12345]'),
    'r/a.yaml:7: rule "acme-token", field "anchors[0]": must be a text, or a map such as {hex: "…"}',
  ],
  [
    'no anchor at all',
    broken('anchors', 'signing: true'),
    'r/a.yaml:1: rule "acme-token", field "anchors": ' + 'a rule needs anchors, or near with anchors',
  ],
  [
    'a pattern that RE2 refuses',
    broken('pattern', "pattern: '(?P<secret>a(?=b))'"),
    'r/a.yaml:9: rule "acme-token", field "pattern": ' +
      'not RE2 syntax: error parsing regexp: invalid or unsupported Perl syntax',
  ],
  [
    'a pattern without the group',
    broken('pattern', "pattern: 'acme_[0-9]{20}'"),
    'r/a.yaml:9: rule "acme-token", field "pattern": the pattern needs a group (?P<secret>…)',
  ],
  [
    'a pattern for a parser',
    broken('window', 'detector: pem'),
    'r/a.yaml:9: rule "acme-token", field "pattern": only the text and the session detector take a pattern',
  ],
  [
    'a check that does not exist',
    broken('window', 'checks: [luhn]'),
    `r/a.yaml:8: rule "acme-token", field "checks[0]": Invalid option: expected ${oneOf(CHECKS)}`,
  ],
  [
    'a window that is too large',
    broken('window', 'window: {before: 9000, after: 9000}'),
    'r/a.yaml:8: rule "acme-token", field "window": before + after is at most 16384',
  ],
  ['text that is not YAML', `${valid}  ]\n`, 'r/a.yaml:12: not YAML: unexpected token'],
  [
    'a map in place of a list',
    'id: acme\n',
    'r/a.yaml:1: a rule file is a list: each rule starts with "- id:"',
  ],
];

describe('parseRuleFile', () => {
  test('fills in defaults and joins the fragments of examples', async () => {
    const { rules, problems } = parseRuleFile('r/a.yaml', valid);
    expect(problems).toEqual([]);
    expect(rules[0]).toMatchObject({
      source: 'r/a.yaml:1',
      signing: false,
      caseless: false,
      detector: 'text',
      boundary: 'token',
      encodings: ['utf8', 'utf16le', 'utf16be'],
      window: { before: 0, after: 25 },
    });
  });

  test.each(mistakes)('names file, line, rule and field of %s', (_name, content, message) => {
    expect(parseRuleFile('r/a.yaml', content).problems).toContain(message);
  });

  test('never repeats a value, which may be a secret', () => {
    const planted = `ghp_${'Zz9'.repeat(12)}`;
    const fields = 'id name kind severity impact anchors window pattern examples counterexamples'.split(' ');
    const files = [
      ...fields.flatMap((field) => [
        broken(field, `${field}: ${planted}`),
        broken(field, `${field}: {${planted}: 1}`),
        broken(field, `${field}: [[${planted}`),
      ]),
      broken('rotate', `${planted}: 1`),
      broken('pattern', `pattern: '(?P<secret>${planted}'`),
      `*${planted}`,
      `&${planted} *${planted}`,
    ];
    for (const content of files) {
      const { problems } = parseRuleFile('r/a.yaml', content);
      expect(problems.join('\n')).not.toContain('Zz9Zz9');
    }
  });

  test('nor does the parser in a warning', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    expect(parseRuleFile('r/a.yaml', '- {a: [secret]}: 1\n').problems).not.toEqual([]);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test('rejects an expansion of aliases', () => {
    const lines = ['- &a0 [x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++)
      lines.push(
        `- &a${i} [${Array(8)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    expect(parseRuleFile('r/a.yaml', lines.join('\n')).problems).toEqual(['r/a.yaml:1: too many aliases']);
  });
});

describe('loadRuleFiles', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'dumpsieve-rules-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const failure = async (): Promise<DumpsieveError> => {
    const error: unknown = await loadRuleFiles(dir).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DumpsieveError);
    return error as DumpsieveError;
  };

  test('reads every .yaml and .yml file, in order of their names', async () => {
    await writeFile(join(dir, 'b.yml'), valid.replace('acme-token', 'second'));
    await writeFile(join(dir, 'a.yaml'), valid);
    await writeFile(join(dir, 'README.md'), 'not rules');
    const rules = await loadRuleFiles(dir);
    expect(rules.map(({ id }) => id)).toEqual(['acme-token', 'second']);
    expect(rules[0]?.examples).toEqual(['acme_0a1b2c3d4e5f6a6b7c8d']);
    expect(Buffer.from(rules[0]?.anchors[0]?.bytes ?? []).toString()).toBe('acme_');
  });

  test('reports the mistakes of all files in one error', async () => {
    await writeFile(join(dir, 'a.yaml'), broken('severity', 'severity: huge'));
    await writeFile(join(dir, 'b.yaml'), broken('anchors', 'anchors: [x]'));
    const error = await failure();
    expect(error.code).toBe('bad-rules');
    expect(error.exit).toBe(3);
    expect(error.message.split('\n')).toHaveLength(2);
  });

  // Each quadratic step would take minutes.
  test.each<[string, files: number, content: string, mistakes: number]>([
    ['entries that are no rules', 1, '- 0\n'.repeat(150_000), 150_000],
    ['rules without fields', 50, '- id: Acme Token\n'.repeat(2000), 50 * 2000 * REQUIRED],
    ['a rule of unknown fields', 1, `- id: acme\n${fieldsOf(100_000)}`, 100_000 + REQUIRED - 1],
    ['a field twice', 1, `- id: acme\n${fieldsOf(100_000)}${fieldsOf(30)}`, 30],
    ['many files', 5000, '- 0\n'.repeat(20), 100_000],
  ])(
    'lists the first of very many mistakes, and counts the others: %s',
    async (_, files, content, mistakes) => {
      const names = Array.from({ length: files }, (_each, i) => join(dir, `a${i}.yaml`));
      for (const name of names) await writeFile(name, content);
      const started = process.cpuUsage();
      const { code, message, lines } = await failure();
      const { user, system } = process.cpuUsage(started);
      expect((user + system) / 1e6).toBeLessThan(30);
      expect(code).toBe('bad-rules');
      expect(lines).toHaveLength(21);
      for (const line of lines.slice(0, 20))
        expect(line).toMatch(/a0\.yaml:\d+: (?:rule |not YAML: duplicate key)/);
      expect(lines[20]).toBe(`${mistakes - 20} more mistakes`);
      expect(message).toBe(lines.join('\n'));
    },
  );

  const posix = process.platform === 'win32' ? test.skip : test;
  posix.each<[string, (file: string) => unknown, string]>([
    ['a link to a device', (file) => symlink('/dev/zero', file), 'it is no regular file'],
    ['a FIFO', (file) => execFileSync(program('mkfifo'), [file]), 'it is no regular file'],
    ['a folder', (file) => mkdir(file), 'it is no regular file'],
    ['a link to nothing', (file) => symlink('gone', file), 'no such file or folder, ENOENT'],
    [
      'a file that is too large',
      (file) => writeFile(file, '#'.repeat(4 * 2 ** 20 + 1)),
      'it is larger than 4 MiB',
    ],
  ])('refuses %s, without waiting', async (_name, make, why) => {
    await writeFile(join(dir, 'a.yaml'), valid);
    await make(join(dir, 'b.yaml'));
    const { code, exit, message, hint } = await failure();
    expect({ code, exit }).toEqual({ code: 'rules-unreadable', exit: 3 });
    expect(message).toBe(`the rule file ${join(dir, 'b.yaml')} cannot be read (${why})`);
    expect(hint).toContain('regular file');
  });

  test('follows a link to a rule file', async () => {
    await writeFile(join(dir, 'acme.txt'), valid);
    await symlink('acme.txt', join(dir, 'a.yaml'));
    expect(await loadRuleFiles(dir)).toHaveLength(1);
  });

  test('reports an empty or missing folder', async () => {
    expect((await failure()).code).toBe('rules-missing');
    await rm(dir, { recursive: true });
    expect((await failure()).code).toBe('rules-missing');
  });
});
