import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { runBash } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { namePattern, readYaml } from './workflow.js';

const dumps = Object.fromEntries(fixtureDumps().map(({ name, bytes }) => [name, bytes]));

describeWith(['bash'], 'the pre-commit hook', () => {
  const [hook] =
    readYaml<{ id: string; entry: string; args: string[]; files: string; language: string }[]>(
      '.pre-commit-hooks.yaml',
    );
  const { entry, args, language } = hook!;
  const files = namePattern(hook!.files);

  /** pre-commit appends the arguments, then the names of matching staged files. */
  async function commit(names: string[]): Promise<number | null> {
    return withTempDir(async (cwd) => {
      for (const name of names) {
        const source = name.includes('signer') ? 'signer.core' : 'idle.core';
        mkdirSync(join(cwd, name, '..'), { recursive: true });
        writeFileSync(join(cwd, name), dumps[source]!);
      }
      const staged = names.filter((name) => files.test(name)).map((name) => `'${name}'`);
      if (staged.length === 0) return 0;
      return (await runBash([entry, ...args, ...staged].join(' '), { cwd })).status;
    });
  }

  test.each<[string[], number]>([
    [['idle.core', 'crash/core.77'], 0],
    [['a/b/signer.core', 'idle.core'], 1],
    [['signer.dmp'], 1],
    [['--signer.core'], 1],
    [['src/signer.ts'], 0],
  ])('over %j ends with %d', async (names, status) => {
    expect(await commit(names)).toBe(status);
  });

  test('starts the command that the package installs', () => {
    const { bin } = JSON.parse(readFileSync(asset('package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    expect(language).toBe('node');
    expect(Object.keys(bin)).toContain(entry.split(' ')[0]);
  });
});

describeWith(['bash'], 'the GitLab template', () => {
  interface Job {
    variables: Record<string, string>;
    before_script: string[];
    after_script: string[];
    artifacts: { when: string; paths: string[]; reports: { junit: string } };
  }
  const { '.dumpsieve': job } = readYaml<Record<'.dumpsieve', Job>>('install/gitlab-ci.yml');

  /**
   * GitLab runs before_script and script in one shell, and after_script in another, whatever the first one's
   * status.
   */
  async function pipeline(core: string, script: string) {
    return withTempDir(async (folder) => {
      const cwd = join(folder, 'project');
      // Left by an earlier job, or in the repository.
      for (const path of job.artifacts.paths) {
        mkdirSync(join(cwd, path), { recursive: true });
        writeFileSync(join(cwd, path, 'unscanned'), dumps['signer.core']!);
      }
      writeFileSync(join(folder, 'core'), dumps[core]!);
      const env = { ...job.variables, DUMPSIEVE_DUMPS: join(folder, 'dumps') };
      // The registry is not used: the installation is only recorded.
      const npm = 'npm() { echo "npm $*" >> installed; }';
      await runBash(['set -e', ...job.before_script, script].join('\n'), { cwd, env });
      await runBash([npm, 'set -e', ...job.after_script].join('\n'), { cwd, env });
      return {
        installed: readFileSync(join(cwd, 'installed'), 'utf8').trim(),
        kept: job.artifacts.paths.flatMap((path) =>
          existsSync(join(cwd, path))
            ? readdirSync(join(cwd, path), { encoding: 'utf8', recursive: true })
            : [],
        ),
        junit: readFileSync(join(cwd, job.artifacts.reports.junit), 'utf8'),
      };
    });
  }

  const crash = 'cp ../core "$DUMPSIEVE_DUMPS"; exit 1';

  test('keeps dumps without findings, although the tests failed', async () => {
    const { kept, junit, installed } = await pipeline('idle.core', crash);
    expect(kept).toEqual(['core']);
    expect(junit).toContain('failures="0"');
    // A commit named by the user, never a registry's package of that name.
    expect(installed).toMatch(/^npm install --prefix \S+ git\+https:\S+#COMMIT$/);
  });

  test('keeps no dump that holds a key', async () => {
    const { kept, junit } = await pipeline('signer.core', crash);
    expect(kept).toEqual([]);
    expect(junit).toContain('<failure ');
  });

  test('accepts tests without a crash', async () => {
    const { kept, junit } = await pipeline('signer.core', 'exit 0');
    expect(kept).toEqual([]);
    expect(junit).toContain('failures="0" errors="0"');
  });

  test('separates the dumps of jobs on one machine', () => {
    expect(job.variables.DUMPSIEVE_DUMPS).toContain('$CI_JOB_ID');
  });

  test('uploads artifacts for any status of the script', () => {
    expect(job.artifacts.when).toBe('always');
  });
});

describe('the Dockerfile', () => {
  /** Instruction and arguments; a line that ends in a backslash continues. */
  const instructions = readFileSync(asset('install/Dockerfile'), 'utf8')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.match(/^(\w+)\s+(.*)$/)!.slice(1) as [string, string]);
  const of = (name: string): string[] =>
    instructions.filter(([each]) => each === name).map(([, rest]) => rest);
  const stages = of('FROM');

  test('uses only instructions that Docker knows', () => {
    const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'USER', 'ENTRYPOINT', 'CMD', 'ENV', 'ARG', 'LABEL'];
    expect(instructions.map(([name]) => name).filter((name) => !known.includes(name))).toEqual([]);
    expect(instructions[0]?.[0]).toBe('FROM');
  });

  test('builds in one stage and runs in another, as an unprivileged user', () => {
    expect(stages).toEqual(['node:22-slim AS build', 'node:22-slim']);
    const last = instructions.slice(instructions.findLastIndex(([name]) => name === 'FROM'));
    const user = last.findIndex(([name]) => name === 'USER');
    expect(last[user]?.[1]).not.toMatch(/^(root|0)\b/);
    expect(last.slice(user).map(([name]) => name)).not.toContain('RUN');
    expect(
      last.filter(([name]) => name === 'COPY').every(([, rest]) => rest.startsWith('--from=build ')),
    ).toBe(true);
  });

  test('starts the command that the package installs', () => {
    const { bin } = JSON.parse(readFileSync(asset('package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    expect(JSON.parse(of('ENTRYPOINT').at(-1)!)).toEqual(Object.keys(bin));
    expect(JSON.parse(of('CMD').at(-1)!)).toEqual(['--help']);
  });

  test('ignores files of a developer’s folder that it builds itself', () => {
    const ignored = readFileSync(asset('.dockerignore'), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['node_modules', 'dist', '.git']));
  });
});

test('the package contains the files that its fields name', () => {
  const { man, files } = JSON.parse(readFileSync(asset('package.json'), 'utf8')) as Record<string, string[]>;
  // Written when the package is packed.
  const LIST = 'dist/sbom.cdx.json';
  const named = [...man!, ...files!].filter((each) => !each.includes('*') && each !== LIST);
  expect(named.filter((file) => !existsSync(asset(file)))).toEqual([]);
});
