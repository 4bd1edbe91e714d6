import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';

/** A wrong call ends with 3, and says in words what is wrong and what would be right. */
test.each([
  ['core.1234', "unknown command 'core.1234'\n(To scan it: dumpsieve scan FILE)"],
  ['scn core.1234', "unknown command 'scn'\n(Did you mean scan?)"],
  ['nonsense', "unknown command 'nonsense'\n(dumpsieve --help shows the verbs"],
  ['scan --baseline none.json core.1234', 'none.json cannot be read (no such file or folder, ENOENT)'],
  ['scan --baseline . core.1234', '. cannot be read (it is a folder, EISDIR)'],
  ['scan --output json=none/r.json core.1234', 'cannot be written (no such file or folder, ENOENT)'],
  ['scan --find sha256:abc core.1234', 'a digest is sha256: and 64 hexadecimal digits'],
  ['scan --effort most core.1234', 'Allowed choices are quick, normal, deep.'],
  ['scan --effort quick --deep core.1234', 'the option deep is the effort deep, and the effort is quick'],
  ['scan --accept-limits ec-scalar core.1234', 'no limit has the name "ec-scalar"'],
  ['scan --accept-limits ec-scalar core.1234', 'did you mean ec-scalars?'],
  ['scan --accept-limits nonsense core.1234', 'docs/searches.md lists all ("Budgets")'],
  ['scan --find none.pem core.1234', 'hint: check the path given to --find'],
])('dumpsieve %s', async (line, said) => {
  await withTempDir(async (cwd) => {
    writeFileSync(join(cwd, 'core.1234'), 'x');
    const { status, stdout, stderr } = await runCli(line.split(' '), { cwd });
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain(said);
  });
});
