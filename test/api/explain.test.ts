import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { listRules } from '../../src/api/check.js';
import { type RuleTest, testRule } from '../../src/api/explain.js';
import { testLines } from '../../src/cli/rules-test.js';
import { strongText } from '../prove/judge/judged-builder.js';
import { withTempDir } from '../support/folder.js';

const [github] = await listRules({ only: ['github-token'] });
const token = github!.examples[0]!;
const utf16 = (text: string): string => Buffer.from(text, 'utf16le').toString('latin1');
const wide = utf16(` ${token} `);
const VALUE = strongText(5);

async function explained(text: string, id = 'github-token'): Promise<RuleTest> {
  return withTempDir(async (folder) => {
    const file = join(folder, 'text');
    writeFileSync(file, text, 'latin1');
    return testRule(id, file);
  });
}

/** The steps that decide: `check NO`. */
const decisions = ({ steps }: RuleTest): string[] =>
  steps
    .filter(({ passed }) => passed !== undefined)
    .map(
      ({ name, passed, offset }) =>
        `${name}${offset === undefined ? '' : ` ${offset}`} ${passed ? 'yes' : 'NO'}`,
    );

describe('why a text counts or does not', () => {
  test.each<[string, string, string[], unknown[]]>([
    [
      'a token',
      `token=${token}\n`,
      ['anchor 6 yes', 'pattern 6 yes', 'boundary yes', 'check yes', 'entropy yes', 'detector yes'],
      [['high', 'high', true]],
    ],
    [
      'in UTF-16, of either byte order',
      wide,
      [
        'anchor 2 yes',
        ...['', ''].flatMap(() => ['pattern 2 yes', 'boundary yes', 'check yes', 'entropy yes']),
        'detector yes',
      ],
      [['high', 'high', true]],
    ],
    ['cut', `token=${token.slice(0, -3)}`, ['anchor 6 yes', 'pattern NO', 'detector NO'], []],
    ['another text', 'token=abc', ['anchor NO'], []],
    [
      'part of a longer run',
      `${token.slice(0, -1)}${token.at(-1) === 'a' ? 'b' : 'a'}aa`,
      ['anchor 0 yes', 'pattern 0 yes', 'boundary NO', 'detector NO'],
      [],
    ],
    [
      'a placeholder',
      `ghp_${'x'.repeat(36)}`,
      [
        'anchor 0 yes',
        'pattern 0 yes',
        'boundary yes',
        'check NO',
        'entropy NO',
        'placeholder NO',
        'detector yes',
      ],
      [['info', 'low', false]],
    ],
  ])('%s', async (_, text, steps, findings) => {
    const result = await explained(text);
    expect(decisions(result)).toEqual(steps);
    expect(result.findings.map(({ severity, confidence, counts }) => [severity, confidence, counts])).toEqual(
      findings,
    );
    const shown = `${JSON.stringify(result)}\n${testLines(result).join('\n')}`;
    for (let at = 4; at + 8 <= token.length; at++) expect(shown).not.toContain(token.slice(at, at + 8));
  });

  test.each<[string, string, string[], number]>([
    ['a named value', `JWT_SECRET=${VALUE}\n`, ['shape yes', 'run yes', 'name yes', 'placeholder yes'], 1],
    [
      'in UTF-16',
      utf16(`"jwtSecret": "${VALUE}"`),
      ['shape yes', 'run yes', 'name yes', 'placeholder yes'],
      1,
    ],
    ['a name with a veto', `JWT_SECRET_ID=${VALUE}\n`, ['shape yes', 'name NO'], 0],
    ['another name', `color=${VALUE}\n`, ['name NO'], 0],
    ['no random value', 'JWT_SECRET=changeme-changeme-changeme', ['shape yes', 'gate NO', 'run NO'], 0],
    ['nothing that looks random', 'JWT_SECRET=hello', ['run NO'], 0],
  ])('%s', async (_, text, steps, findings) => {
    const result = await explained(text, 'named-secret:jwt-secret');
    expect(decisions(result)).toEqual(steps);
    expect(result.findings).toHaveLength(findings);
    expect(JSON.stringify(result)).not.toContain(VALUE.slice(0, 12));
  });

  test('other detectors say whether they have a candidate', async () => {
    const result = await explained('-----BEGIN PRIVATE KEY-----\nabc\n', 'private-key-pem');
    expect(decisions(result)).toEqual(['anchor 11 yes', 'detector NO']);
  });

  test('steps are capped', async () => {
    const { steps, furtherSteps } = await explained(`ghp_${'x'.repeat(36)} `.repeat(200));
    expect(steps).toHaveLength(500);
    expect(furtherSteps).toBeGreaterThan(500);
  });

  test.each([
    ['an unknown rule', 'github', 'no rule has the id "github"'],
    ['a group', 'github-*', 'is not the id of one rule'],
  ])('%s is a wrong call', async (_, id, message) => {
    await expect(explained('text', id)).rejects.toThrow(message);
  });

  test('a file that cannot be read is a wrong call', async () => {
    await expect(explained('')).rejects.toMatchObject({ code: 'nothing-read', exit: 3 });
  });
});
