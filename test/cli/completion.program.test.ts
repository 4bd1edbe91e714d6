import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { completionScript } from '../../src/cli/completion/index.js';
import { completedVerb, everyVerb } from '../../src/cli/completion/model.js';
import { FORMATS, SEVERITIES } from '../../src/core/model/report.js';
import { runCli, runProgram } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { program } from '../support/programs.js';
import { wholeProgram } from '../support/whole-program.js';

const tree = () => completedVerb(wholeProgram);
const verbs = tree().verbs.map(({ words }) => words[0]!);

/** A line up to the cursor, and what must be offered there. */
const LINES: [line: string, offered: readonly string[]][] = [
  ['dumpsieve ', verbs],
  ['dumpsieve sc', ['scan']],
  ['dumpsieve rules ', ['list', 'show', 'check', 'test']],
  ['dumpsieve scan --fail-on ', SEVERITIES],
  ['dumpsieve scan --format s', ['sarif']],
  ['dumpsieve scan --strict --form', ['--format']],
  ['dumpsieve scan --rules ', ['folder/']],
  ['dumpsieve scan --baseline c', ['core.1']],
  ['dumpsieve scan core.1 fo', ['folder/']],
  ['dumpsieve rules test github-token c', ['core.1']],
  ['dumpsieve completion ', ['bash', 'zsh', 'fish', 'powershell']],
];

/** A folder with a file, a folder and the script of a shell. */
function withScript<T>(shell: 'bash' | 'zsh' | 'fish', body: (cwd: string) => Promise<T>): Promise<T> {
  return withTempDir(async (cwd) => {
    writeFileSync(join(cwd, 'core.1'), '');
    mkdirSync(join(cwd, 'folder'));
    writeFileSync(join(cwd, 'script'), completionScript(shell, wholeProgram));
    return body(cwd);
  });
}

describeWith(['bash'], 'bash', () => {
  const offers = (cwd: string, words: string[]): Promise<string[]> => {
    const setup =
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); ` + `COMP_CWORD=${words.length - 1}`;
    const print = `printf '%s\\n' "\${COMPREPLY[@]}"`;
    const script = ['compopt() { :; }', 'source ./script', setup, '_dumpsieve', print].join('; ');
    return runProgram(program('bash'), ['--norc', '-c', script], { cwd }).then(({ stdout, stderr }) => {
      expect(stderr).toBe('');
      return stdout.trim().split('\n').filter(Boolean);
    });
  };

  test.each(LINES)('%s', async (line, offered) => {
    await withScript('bash', async (cwd) => {
      // Readline adds the slash to a folder's name by itself.
      expect((await offers(cwd, line.split(' '))).sort()).toEqual(
        offered.map((word) => word.replace('/', '')).sort(),
      );
    });
  });

  test('the form --flag=value, which readline gives in three words', async () => {
    await withScript('bash', async (cwd) => {
      expect(await offers(cwd, ['dumpsieve', 'scan', '--format', '=', 'j'])).toEqual(['json', 'junit']);
      expect((await offers(cwd, ['dumpsieve', 'scan', '--format', '='])).sort()).toEqual([...FORMATS].sort());
    });
  });
});

describeWith(['fish'], 'fish', () => {
  test('offers what fits', async () => {
    await withScript('fish', async (cwd) => {
      const asked = LINES.map(([line]) => `complete -C '${line}'; echo ---`).join('\n');
      const script = `source ./script\n${asked}`;
      const { stdout, stderr } = await runProgram(program('fish'), ['-N', '-c', script], {
        cwd,
        env: { HOME: cwd },
      });
      expect(stderr).toBe('');
      const answers = stdout.split('---\n').slice(0, LINES.length);
      const words = answers.map((answer) =>
        answer
          .split('\n')
          .filter(Boolean)
          .map((row) => row.split('\t')[0]!),
      );
      expect(words.map((each) => each.sort())).toEqual(LINES.map(([, offered]) => [...offered].sort()));
    });
  });
});

/**
 * Types a line into an interactive zsh, lists the choices, and prints what its screen got. It waits for the
 * prompt before each line: until then the terminal's own ^D would end the input.
 */
const ZSH = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1=; autoload -Uz compinit; compinit -u -D; source ./script; \
LISTMAX=0; bindkey '^D' list-choices; PS1=PRO''MPT"
zpty -r z out '*PROMPT*'
for line in "$@"; do
  zpty -w -n z "$line"$'\\x04'
  zpty -w -n z $'\\x15'
  zpty -w z "print EN''D"
  zpty -r z out '*END*PROMPT*'
  print -r -- "$out" '@@@'
done
`;

describeWith(['zsh'], 'zsh', () => {
  test('offers what fits', async () => {
    await withScript('zsh', async (cwd) => {
      // A single match is not listed but would be put in: only lines with a choice tell.
      const lines = LINES.filter(([, offered]) => offered.length > 1);
      writeFileSync(join(cwd, 'ask'), ZSH);
      const { stdout } = await runProgram(program('zsh'), ['-f', 'ask', ...lines.map(([line]) => line)], {
        cwd,
        env: { TERM: 'dumb', COLUMNS: '200' },
        timeout: 300_000,
      });
      const screens = stdout.split('@@@');
      for (const [i, [line, offered]] of lines.entries())
        expect([line, offered.filter((word) => !screens[i]?.includes(word))]).toEqual([line, []]);
    });
  });
});

describe('every shell', () => {
  test.each(['bash', 'zsh', 'fish'] as const)(
    '%s: each verb and each listed flag is in the script',
    (shell) => {
      const script = completionScript(shell, wholeProgram);
      for (const { words, flags } of everyVerb(tree())) {
        for (const word of words) expect(script).toContain(word);
        for (const name of flags.flatMap(({ names }) => names))
          expect(script).toContain(shell === 'fish' ? name.replace(/^-+/, '') : name);
      }
    },
  );

  test('another shell is a wrong call', async () => {
    const { status, stderr } = await runCli(['completion', 'tcsh']);
    expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining('bash, zsh, fish') });
  });
});

test('PowerShell: each verb has a row, in which quotation marks are doubled', () => {
  const script = completionScript('powershell', wholeProgram);
  // Keys of its hash tables do not tell case apart: a second spelling would be an error.
  for (const { words, flags } of everyVerb(tree())) {
    expect(script).toContain(`    '${words.join(' ')}' = @{`);
    const names = flags.flatMap((flag) => flag.names.map((name) => name.toLowerCase()));
    expect(new Set(names).size).toBe(names.length);
  }
  expect(script).toContain(`'--format' = @(${FORMATS.map((format) => `'${format}'`).join(', ')})`);
  expect(script.replaceAll("''", '').split("'").length % 2).toBe(1);
});
