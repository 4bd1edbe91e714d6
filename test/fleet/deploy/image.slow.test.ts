import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../../fixtures/dumps.js';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { writeBaseImage } from '../../support/base-image.js';
import { Buildah, type ImageConfig, type RunOptions } from '../../support/buildah.js';
import { describeWith } from '../../support/describe.js';

/** The image of workers, on a base of this machine's Node. */
describeWith(
  ['buildah', 'dpkg', 'namespaces', 'netavark', 'root'],
  'the image of install/kubernetes/Dockerfile',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-fleet-image-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const dumps = join(folder, 'dumps');
    let buildah: Buildah;
    let config: ImageConfig;
    let container: string;

    beforeAll(async () => {
      mkdirSync(dumps);
      for (const { name, bytes } of fixtureDumps()) writeFileSync(join(dumps, name), bytes);
      chmodSync(folder, 0o711);
      buildah = new Buildah(folder);
      const base = join(folder, 'base');
      await writeBaseImage(base);
      await buildah.build('docker.io/library/node:24-slim', base, { file: 'Containerfile' });
      const root = fileURLToPath(asset('.'));
      await buildah.build('dumpsieve-fleet', root, { file: 'install/kubernetes/Dockerfile', needsNpm: true });
      config = await buildah.config('dumpsieve-fleet');
      container = await buildah.from('dumpsieve-fleet');
    });

    /** Runs `docker run [options] dumpsieve-fleet …args`. */
    const start = (args: readonly string[], options: RunOptions = {}) =>
      buildah.run(container, [...config.Entrypoint, ...(args.length > 0 ? args : config.Cmd)], options);

    test('prints the help of hunt without arguments', async () => {
      const { status, stdout } = await start([]);
      expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('hunt') });
    });

    test('runs as a user without a name, scans into a store and answers from it', async () => {
      expect(config.User).toBe('10001:10001');
      const mounts = { '/dumps': dumps };
      const store = ['--store', '/tmp/store.db'];
      const added = await start(['hunt', 'add', '/dumps', ...store], { mounts });
      expect(added.status).toBe(1);
      const asked = await start(['hunt', 'query', '--file', '*signer.core', ...store], { mounts });
      expect(asked.status).toBe(1);
      expect(asked.stdout).toContain('signer.core');
    });
  },
);
