import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { completedVerb, everyVerb } from '../../src/cli/completion/model.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { runProgram } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { program } from '../support/programs.js';
import { wholeProgram } from '../support/whole-program.js';

const page = fileURLToPath(asset('dist/man/dumpsieve.1'));

describeWith(['mandoc'], 'the manual page', () => {
  test('is man(7) without a warning', async () => {
    const { status, stdout, stderr } = await runProgram(program('mandoc'), ['-Tlint', '-Wwarning', page]);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('shows every verb, every flag and every exit status', async () => {
    const { stdout } = await runProgram(program('mandoc'), ['-Tascii', '-Owidth=300', page]);
    const text = stdout.replace(/.\u0008/g, '');
    for (const { words, flags } of everyVerb(completedVerb(wholeProgram))) {
      if (words.length > 0) expect(text).toContain(`dumpsieve ${words.join(' ')}`);
      for (const { names } of words.length > 0 ? flags : [])
        for (const name of names) expect(text).toContain(name);
    }
    for (const status of [0, 1, 2, 3]) expect(text).toMatch(new RegExp(`^ +${status} +\\w`, 'm'));
    expect(text).toContain('$ coredumpctl dump 1234 | dumpsieve scan -');
  });
});

describe('the manual page as text', () => {
  test('names no number of processors: each build gives the same bytes', () => {
    const text = readFileSync(page, 'utf8');
    expect(text).toContain('one per processor');
    expect(text).not.toMatch(/default: \d/);
  });
});
