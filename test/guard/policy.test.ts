import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { asset } from '../../src/core/base/runtime/assets.js';
import { type Action, type DumpFacts, decide, loadPolicy } from '../../src/guard/policy/policy.js';
import { policySchema } from '../../src/guard/policy/policy-schema.js';
import { withTempDir } from '../support/folder.js';
import { cut, POLICIES, scan, unopened } from './policies.js';
import { BASE, policyOf, readLines } from './policy-file.js';
import { MISSHAPEN, WRONG } from './wrong-policies.js';

describe('policies', () => {
  test('there are 40 and more, at least ten of them wrong', () => {
    const wrong = Object.keys(WRONG).length + Object.keys(MISSHAPEN).length;
    expect(wrong).toBeGreaterThanOrEqual(10);
    expect(Object.keys(POLICIES).length + wrong).toBeGreaterThanOrEqual(40);
  });

  describe.each(Object.entries(POLICIES))('%s', (_, [rules, outcomes]) => {
    const lines = rules.map((rule) => `  - ${rule}`).join('\n');
    const policy = policyOf(`notify: [/bin/true]\n${rules.length > 0 ? `rules:\n${lines}` : ''}`);

    test.each(outcomes)('%j: %s', (facts, outcome) => {
      const { action, rule, why } = decide(policy, facts);
      expect(`${action} ${rule}`).toBe(outcome);
      expect(why).toHaveLength(rule === 0 ? rules.length + 1 : rule);
    });
  });

  test.each(Object.entries(WRONG))('%s', (_, [lines, mistakes]) => {
    expect(readLines(lines)).toEqual({ mistakes: mistakes.map((each) => `guard.yaml:${each}`) });
  });

  test.each(Object.entries(MISSHAPEN))('%s', (_, [lines, words]) => {
    const read = readLines(lines);
    expect('mistakes' in read && read.mistakes).toEqual([expect.stringMatching(words)]);
  });

  test('all mistakes of a file are reported, each with its line', () => {
    const read = readLines('disc: 20%\nrules:\n  - { action: pas }\nloop: 3\n', {}, 'state: /var\n');
    expect(read).toEqual({
      mistakes: [
        expect.stringMatching(/^guard.yaml:1: field "recipients": is missing: write recipients: /),
        expect.stringMatching(/^guard.yaml:1: field "responder": is missing/),
        expect.stringMatching(/^guard.yaml:1: field "sign": is missing/),
        expect.stringMatching(/^guard.yaml:5: field "loop": must be a map/),
        expect.stringMatching(/^guard.yaml:4: rule 1, field "action": must be one of/),
        expect.stringMatching(/^guard.yaml:2: field "disc": unknown field "disc" \(did you mean "disk"\?\)/),
      ],
    });
  });
});

describe('what a policy becomes', () => {
  test('defaults', () => {
    expect(policyOf('')).toEqual({
      recipients: '/etc/guard/keys/recipients',
      responder: '/etc/guard/keys/responder',
      sign: '/keys/sign.key',
      state: '/var/lib/dumpsieve',
      disk: 0.2,
      limits: { time: 1_800_000, memory: 2 ** 30, attempts: 2 },
      loop: { keep: 2, per: 3_600_000 },
      retain: {},
      watch: [],
      rules: [],
      find: [],
    });
  });

  test('units, paths, variables', () => {
    const policy = policyOf(
      [
        "identity: '$" + "{CREDENTIALS_DIRECTORY}/identity'",
        'disk: 5%',
        'user: 65534',
        'limits: { time: 90s, memory: 512M, attempts: 1 }',
        'loop: { keep: 1, per: 1d }',
        'retain: { quarantine: 90d }',
        'watch: [{ path: dumps, quiet: 3m, pattern: "*.dmp", original: keep }]',
        'notify: [./page, dumps]',
        'rules:',
        '  - { find: [a.crt, b.crt], action: redact }',
        '  - { find: a.crt, exit: 1, action: quarantine }',
      ].join('\n'),
      { CREDENTIALS_DIRECTORY: '/run/credentials/guard' },
    );
    expect(policy).toMatchObject({
      identity: '/run/credentials/guard/identity',
      disk: 0.05,
      user: 65534,
      limits: { time: 90_000, memory: 2 ** 29, attempts: 1 },
      loop: { keep: 1, per: 86_400_000 },
      retain: { quarantine: 7_776_000_000 },
      watch: [{ path: '/etc/guard/dumps', quiet: 180_000, pattern: '*.dmp', original: 'keep', line: 11 }],
      notify: ['/etc/guard/page', 'dumps'],
      find: ['/etc/guard/a.crt', '/etc/guard/b.crt'],
    });
  });

  test('a decision has what the copy needs', () => {
    const policy = policyOf(
      'notify: [/bin/true]\n' +
        'rules: [{ exit: 1, action: redact, notify: true, accept-limits: [rsa-exponents] }]',
    );
    expect(decide(policy, scan({ exit: 1 }))).toEqual({
      action: 'redact',
      rule: 1,
      keep: 'all',
      acceptLimits: ['rsa-exponents'],
      notify: true,
      why: ['rule 1 (line 6), redact (keep all): matches'],
    });
  });
});

describe('bounds that hold for any rule, also for one that no policy may have', () => {
  test.each<[action: Action, facts: DumpFacts]>([
    ['pass', scan({ exit: 1 })],
    ['pass', unopened],
    ['pass', { ...scan(), truncated: true }],
    ['redact', cut],
    ['redact', unopened],
    ['drop', unopened],
  ])('%s is not for %j', (action, facts) => {
    const rule = { action, notify: false, line: 1, checks: [] };
    expect(decide({ rules: [rule] }, facts)).toMatchObject({ action: 'quarantine', rule: 0 });
  });
});

describe('why', () => {
  const policy = policyOf(
    [
      'rules:',
      '  - { program: /usr/sbin/sshd, action: quarantine }',
      '  - { uid: [0, 33], action: quarantine }',
      '  - { path: "*.hprof", action: quarantine }',
      '  - { exit: 0, action: pass }',
      '  - { find: /a.crt, action: quarantine }',
      '  - { size: ">1G", format: [elf-core, hprof], action: redact }',
      '  - { kind: token, rule: circleci-token, severity: high, action: quarantine }',
      '  - { severity: critical, action: redact }',
      '  - { truncated: true, action: drop }',
      '  - { action: quarantine }',
    ].join('\n'),
  );

  test('rule by rule, without a word of the dump', () => {
    const secret = 'correct-horse-battery';
    const facts = { ...scan({ exit: 1, format: secret }), program: `/${secret}`, path: `/${secret}` };
    const { why } = decide(policy, facts);
    expect(why).toEqual([
      'rule 1 (line 6), quarantine: program is another',
      'rule 2 (line 7), quarantine: uid is not known',
      'rule 3 (line 8), quarantine: path is another',
      'rule 4 (line 9), pass: exit is 1, and pass needs 0',
      'rule 5 (line 10), quarantine: no private key or value of find is in it',
      'rule 6 (line 11), redact (keep all): format is not elf-core or hprof',
      'rule 7 (line 12), quarantine: no finding has rule circleci-token, kind token, severity high or above',
      'rule 8 (line 13), redact (keep all): no finding has severity critical',
      'rule 9 (line 14), drop: the dump is not truncated',
      'rule 10 (line 15), quarantine: matches',
    ]);
    expect(why.join()).not.toContain(secret);
  });

  test('dumps that were cut, or not opened', () => {
    expect(decide(policyOf('rules: [{ exit: 0, action: pass }]'), cut).why).toEqual([
      'rule 1 (line 5), pass: the dump is truncated, and only redact with keep: backtrace ' +
        'makes a copy of such a dump',
      'no rule matches: quarantine',
    ]);
    expect(decide(policyOf('rules: [{ size: ">1", action: quarantine }]'), unopened).why).toEqual([
      'rule 1 (line 5), quarantine: the dump was not opened, or its scan did not end',
      'no rule matches: quarantine',
    ]);
  });
});

describe('the file', () => {
  test('is read with its digest, and relative to its folder', () =>
    withTempDir(async (folder) => {
      const file = join(folder, 'guard.yaml');
      writeFileSync(file, BASE);
      const policy = await loadPolicy(file, {});
      expect(policy.recipients).toBe(join(folder, 'keys/recipients'));
      expect(policy.sha256).toBe(createHash('sha256').update(readFileSync(file)).digest('hex'));
      expect(await loadPolicy(Buffer.from(file), {})).toMatchObject({ sha256: policy.sha256 });
    }));

  test.each([
    ['missing', () => {}, 'policy-unreadable', /no such file/],
    ['a folder', (file: string) => mkdirSync(file), 'policy-unreadable', /not a regular file/],
    [
      'writable by every user',
      (file: string) => {
        writeFileSync(file, BASE);
        chmodSync(file, 0o666);
      },
      'policy-foreign',
      /every user may write/,
    ],
    [
      'wrong',
      (file: string) => writeFileSync(file, 'a: 1\n'),
      'bad-policy',
      /:1: field "recipients": is missing/,
    ],
    ['a list', (file: string) => writeFileSync(file, '- a\n'), 'bad-policy', /:1: a policy is a map/],
    ['no YAML', (file: string) => writeFileSync(file, 'a: [\n'), 'bad-policy', /not YAML/],
    [
      'too large',
      (file: string) => writeFileSync(file, Buffer.alloc(2 ** 20 + 1)),
      'policy-unreadable',
      /1 MiB/,
    ],
  ])('%s: exit 3', (_, make, code, message) =>
    withTempDir(async (folder) => {
      const file = join(folder, 'guard.yaml');
      make(file);
      await expect(loadPolicy(file)).rejects.toMatchObject({
        code,
        exit: 3,
        message: expect.stringMatching(message),
      });
    }),
  );
});

describe('the schema for editors', () => {
  const validate = new Ajv({ allowUnionTypes: true }).compile(policySchema());

  test('accepts every policy of the table', () => {
    for (const [rules] of Object.values(POLICIES)) {
      const yaml = `${BASE}rules:\n${rules.map((rule) => `  - ${rule}\n`).join('')}`;
      const value = parse(yaml) as { rules: unknown };
      expect([validate({ ...value, rules: value.rules ?? [] }), validate.errors]).toEqual([true, null]);
    }
  });

  test.each(
    Object.entries(MISSHAPEN).filter(([name]) => /no name|no action|unit|halves|is no map/.test(name)),
  )('refuses %s', (name, [lines]) => {
    if (!/variable/.test(name)) expect(validate(parse(BASE + lines))).toBe(false);
  });

  test('is shipped', () => {
    expect(JSON.parse(readFileSync(asset('dist/schema/guard.schema.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(policySchema())),
    );
  });
});
