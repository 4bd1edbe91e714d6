import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SEVERITIES } from '../../src/core/model/report.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { gcore, startTarget, type TargetOptions } from '../support/processes.js';
import { PYTHON, program, type RequirementName } from '../support/programs.js';
import type { Report } from '../support/reports.js';
import { describeWithSamples } from '../support/samples.js';

/** Title, place and severity of findings that an ordinary process must not have, counted or not. */
function noise(report: Report): string[] {
  const limit = SEVERITIES.indexOf('medium');
  const loud = report.findings.filter((finding) => SEVERITIES.indexOf(finding.severity) >= limit);
  return loud.map(
    (f) => `${f.severity} ${f.ruleId} (${f.confidence}) at ${f.location.path}:${f.location.offset}`,
  );
}

interface Idle {
  name: string;
  needs: RequirementName[];
  /** Command line, given the folder. */
  command(folder: string): [string, string[]];
  options?: TargetOptions;
}

const JAVA =
  'class Idle { public static void main(String[] a) throws Exception ' +
  '{ System.out.println("ready"); System.in.read(); } }';

function javaCommand(folder: string): [string, string[]] {
  const source = join(folder, 'Idle.java');
  writeFileSync(source, JAVA);
  return [
    program('java'),
    ['-Xmx64m', '-XX:CompressedClassSpaceSize=32m', '-XX:ReservedCodeCacheSize=32m', source],
  ];
}

/** Programs that wait for input, with only PATH in their environment. */
const idle: Idle[] = [
  { name: 'python3', needs: ['python3'], command: () => [PYTHON, ['-i', '-q']] },
  { name: 'node', needs: [], command: () => [process.execPath, ['-i']] },
  { name: 'bash', needs: ['bash'], command: () => [program('bash'), ['--norc', '-i']] },
  { name: 'vim', needs: ['vim'], command: () => [program('vim'), ['-u', 'NONE', '-n']] },
  { name: 'gdb', needs: ['gdb'], command: () => [program('gdb'), ['-nx', '-q']] },
  {
    name: 'redis',
    needs: ['redis-server'],
    command: (folder) => [
      program('redis-server'),
      ['--port', '0', '--unixsocket', join(folder, 'socket'), '--save', ''],
    ],
    options: { ready: 'Server initialized' },
  },
  { name: 'java', needs: ['java'], command: javaCommand, options: { ready: 'ready' } },
];

for (const { name, needs, command, options } of idle) {
  describeWith(['gdb', ...needs], `a core of an idle ${name}`, () => {
    test('has no finding of severity medium or above', async () => {
      await withTempDir(async (folder) => {
        const target = await startTarget(...command(folder), {
          cwd: folder,
          ...(options ?? { settle: 700 }),
        });
        const core = await gcore(target.pid, folder).finally(() => target.stop());
        const { status, report } = await scanJson([core]);
        expect(noise(report)).toEqual([]);
        expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: 'nothing-found' });
      });
    });
  });
}

describeWithSamples('the ELF samples', (folder) => {
  test('have no finding of severity medium or above', async () => {
    const { report } = await scanJson([join(folder, 'elf-core')]);
    expect(report.artifacts.length).toBeGreaterThanOrEqual(11);
    expect(noise(report)).toEqual([]);
  });
});
