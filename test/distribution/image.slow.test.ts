import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { writeBaseImage } from '../support/base-image.js';
import { Buildah, type ImageConfig, type RunOptions } from '../support/buildah.js';
import { reportOf, scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';

interface Locked {
  version: string;
  dependencies?: Record<string, string>;
}

/** package-lock.json: packages by their paths; '' is dumpsieve. Other workspaces have packages there, too. */
interface Lock {
  packages: Record<string, Locked>;
}

/** Paths of the packages that dumpsieve needs, as Node looks for them: nearest first. */
function neededBy({ packages }: Lock, path = '', found = new Set<string>()): Set<string> {
  for (const name of Object.keys(packages[path]!.dependencies ?? {})) {
    let from = path;
    const place = () => `${from === '' ? '' : `${from}/`}node_modules/${name}`;
    while (packages[place()] === undefined && from !== '')
      from = from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/')));
    if (found.has(place())) continue;
    found.add(place());
    neededBy({ packages }, place(), found);
  }
  return found;
}

/** A user id unknown to the image. */
const STRANGER = 4321;

describeWith(['buildah', 'dpkg', 'namespaces', 'netavark', 'root'], 'the image of the Dockerfile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-image-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const dumps = join(folder, 'dumps');
  let buildah: Buildah;
  let config: ImageConfig;
  let container: string;

  beforeAll(async () => {
    mkdirSync(dumps);
    for (const { name, bytes } of fixtureDumps()) writeFileSync(join(dumps, name), bytes);
    // Only the container's users may enter the folder.
    chmodSync(folder, 0o711);
    buildah = new Buildah(folder);
    const base = join(folder, 'base');
    await writeBaseImage(base);
    await buildah.build('docker.io/library/node:22-slim', base, { file: 'Containerfile' });
    await buildah.build('dumpsieve', fileURLToPath(asset('.')), {
      file: 'install/Dockerfile',
      needsNpm: true,
    });
    config = await buildah.config('dumpsieve');
    container = await buildah.from('dumpsieve');
  });

  /** Runs `docker run [options] dumpsieve …args`. */
  const start = (args: readonly string[], options: RunOptions = {}) =>
    buildah.run(container, [...config.Entrypoint, ...(args.length > 0 ? args : config.Cmd)], options);

  test('prints its help without arguments', async () => {
    const { status, stdout } = await start([]);
    expect({ status, text: stdout }).toEqual({
      status: 0,
      text: expect.stringMatching(/^Usage: dumpsieve /),
    });
  });

  test('finds in a folder, mounted read-only, what the program finds in it', async () => {
    const there = await start(['scan', '--format', 'json', '.'], { mounts: { '/work': dumps } });
    const here = await scanJson(['.'], { cwd: dumps });
    const { findings, complete } = reportOf(there);
    expect({ status: there.status, complete }).toEqual({ status: 1, complete: true });
    expect(findings.length).toBeGreaterThan(0);
    expect(findings).toEqual(here.report.findings);
  });

  test('runs as a user without write access to the image', async () => {
    expect(config.User).toBe('node');
    const own = await buildah.run(container, ['id', '-un']);
    expect(own.stdout).toBe('node\n');
    const write = await buildah.run(container, ['cp', '/etc/passwd', '/opt/dumpsieve/bin/']);
    expect({ status: write.status, stderr: write.stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('Permission denied'),
    });
  });

  test('reads a core of mode 600 as its owner, and reports it as unreadable to another user', async () => {
    const mine = join(folder, 'mine');
    mkdirSync(mine);
    writeFileSync(join(mine, 'core'), readFileSync(join(dumps, 'signer.core')));
    chownSync(join(mine, 'core'), STRANGER, STRANGER);
    chmodSync(join(mine, 'core'), 0o600);
    const scan = (user?: string) =>
      start(['scan', '.'], { mounts: { '/work': mine }, ...(user === undefined ? {} : { user }) });
    expect((await scan(`${STRANGER}`)).status).toBe(1);
    expect((await scan()).status).toBe(2);
  });

  test('contains the package and the dependencies of the lock file', async () => {
    const lock = JSON.parse(readFileSync(asset('package-lock.json'), 'utf8')) as Lock;
    const wanted = [...neededBy(lock)];
    const list = await buildah.run(container, ['cat', '/opt/dumpsieve/dist/sbom.cdx.json']);
    const { components } = JSON.parse(list.stdout) as { components: { name: string; version: string }[] };
    const named = components.map(({ name, version }) => `node_modules/${name} ${version}`);
    expect(named.sort()).toEqual(wanted.map((path) => `${path} ${lock.packages[path]!.version}`).sort());
    const folders = await buildah.run(container, ['ls', '/opt/dumpsieve/node_modules']);
    for (const { name } of components) expect(folders.stdout.split('\n')).toContain(name.split('/')[0]);
    const top = await buildah.run(container, ['ls', '/opt/dumpsieve', '/tmp']);
    expect(top.stdout.split('\n\n').map((list) => list.trim().split('\n'))).toEqual([
      [
        '/opt/dumpsieve:',
        'LICENSE',
        'README.md',
        'bin',
        'dist',
        'docs',
        'install',
        'node_modules',
        'package.json',
        'prevention',
        'rules',
        'src',
      ],
      ['/tmp:'],
    ]);
  });
});
