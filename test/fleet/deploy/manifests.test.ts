import { spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { withTempDir } from '../../support/folder.js';
import { wholeProgram } from '../../support/whole-program.js';
import { kustomization, manifestFiles, manifestOf, manifests, pods } from './manifests.js';

/** Where kubernetes-models has a kind: the folder of its group. */
function moduleOf({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  const home = apiVersion.startsWith('keda.sh/') ? '@kubernetes-models/keda' : 'kubernetes-models';
  return `${home}/${apiVersion}/${kind}`;
}

type Model = new (data: unknown) => { validate(): void };

describe('the manifests of install/kubernetes/', () => {
  test.each(manifests.map((each) => [each.kind, each.metadata.name, each] as const))(
    '%s %s is valid by its schema',
    async (kind, _name, manifest) => {
      const models = (await import(moduleOf(manifest))) as Record<string, Model>;
      const model = new models[kind]!(manifest);
      expect(() => model.validate()).not.toThrow();
      const spoilt = new models[kind]!({ ...manifest, metadata: { ...manifest.metadata, name: 1 } });
      expect(() => spoilt.validate()).toThrow('name');
    },
  );

  // Schemas allow unknown fields, so that a misspelt one would pass them.
  test('have no field that their types lack', () =>
    withTempDir((folder) => {
      const lines = manifests.map((manifest, i) => {
        const type = `import('${moduleOf(manifest)}').I${manifest.kind}`;
        return `export const manifest${i}: ${type} = ${JSON.stringify(manifest)};`;
      });
      const misspelt = JSON.stringify(manifestOf('Job')).replace(
        '"readOnlyRootFilesystem"',
        '"readonlyRoot"',
      );
      lines.push(`export const wrong: import('kubernetes-models/batch/v1/Job').IJob = ${misspelt};`);
      symlinkSync(fileURLToPath(asset('node_modules')), join(folder, 'node_modules'), 'dir');
      writeFileSync(join(folder, 'manifests.mts'), lines.join('\n'));
      const tsc = fileURLToPath(asset('node_modules/typescript/bin/tsc'));
      const settings = '--noEmit --strict --skipLibCheck --module nodenext --target es2022 --types node';
      const { stdout } = spawnSync(process.execPath, [tsc, ...settings.split(' '), 'manifests.mts'], {
        cwd: folder,
        encoding: 'utf8',
      });
      const errors = stdout.split('\n').filter((line) => line.startsWith('manifests.mts'));
      expect(errors).toHaveLength(1);
      expect(errors[0]).toContain(`manifests.mts(${lines.length},`);
    }));

  test('are all in the kustomization, and in its namespace', () => {
    expect([...kustomization.resources].sort()).toEqual([...manifestFiles].sort());
    const namespaced = manifests.filter(({ kind }) => kind !== 'Namespace');
    expect(namespaced.filter(({ metadata }) => metadata.namespace !== kustomization.namespace)).toEqual([]);
    expect(manifestOf('Namespace').metadata.name).toBe(kustomization.namespace);
  });
});

const GIB = 2 ** 30;
const bytesOf = (text: string): number => {
  const [, count, unit] = /^(\d+)([MG]i)$/.exec(text)!;
  return Number(count) * (unit === 'Gi' ? GIB : 2 ** 20);
};
const flagOf = (args: readonly string[], name: string): string | undefined =>
  args.find((each) => each.startsWith(`--${name}=`))?.split('=')[1];

describe.each(pods())('the pod of %s', (name, pod) => {
  const containers = [...pod.initContainers, ...pod.containers];

  test('has no rights: not root, a read-only root, no capabilities, no token of the cluster', () => {
    expect(pod).toMatchObject({
      serviceAccountName: name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const { securityContext } of containers)
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
  });

  test('takes its image from the kustomization, and has volumes for what it mounts', () => {
    const volumes = pod.volumes.map((volume) => volume.name);
    for (const { image, volumeMounts = [] } of containers) {
      expect(kustomization.images.map((each) => each.name)).toContain(image);
      for (const mount of volumeMounts) expect(volumes).toContain(mount.name);
    }
    for (const { emptyDir } of pod.volumes) if (emptyDir) expect(emptyDir.sizeLimit).toMatch(/^\d+[MG]i$/);
  });

  test('calls a verb with flags that it has', () => {
    for (const { args = [] } of pod.containers) {
      const [hunt = '', verb = '', ...flags] = args;
      const command = wholeProgram.commands
        .find((each) => each.name() === hunt)
        ?.commands.find((each) => each.name() === verb);
      const known = command?.options.map(({ long }) => long) ?? [];
      const given = flags.filter((each) => each.startsWith('--')).map((each) => each.split('=', 1)[0]);
      expect(given.length).toBeGreaterThan(0);
      for (const flag of given) expect(known).toContain(flag);
    }
  });
});

test('the worker has room for its spool, memory for its scans and time to give jobs back', () => {
  const [, pod] = pods().find(([name]) => name === 'dumpsieve-worker')!;
  const [{ args = [], resources, volumeMounts = [] }] = pod.containers as [(typeof pod.containers)[0]];
  const spool = pod.volumes.find(({ name }) => name === 'spool')!;
  const most = Number(flagOf(args, 'spool-max')) * GIB;
  expect(volumeMounts).toContainEqual({ name: 'spool', mountPath: flagOf(args, 'spool-dir') });
  expect(bytesOf(spool.emptyDir!.sizeLimit!)).toBeGreaterThan(most);
  expect(bytesOf(resources!.limits['ephemeral-storage']!)).toBeGreaterThan(most);
  const memory = Number(flagOf(args, 'jobs')) * Number(flagOf(args, 'memory')) * GIB;
  expect(bytesOf(resources!.limits.memory!)).toBeGreaterThan(memory);
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Number(flagOf(args, 'grace')));
});

test('pods are reached by nothing, and reach no metadata service', () => {
  const { spec } = manifestOf('NetworkPolicy') as unknown as {
    spec: {
      ingress: unknown[];
      policyTypes: string[];
      egress: { to: { ipBlock?: { except: string[] } }[] }[];
    };
  };
  expect(spec).toMatchObject({ ingress: [], policyTypes: ['Ingress', 'Egress'], podSelector: {} });
  const blocks = spec.egress.flatMap(({ to }) => to.flatMap(({ ipBlock }) => ipBlock ?? []));
  expect(blocks).toHaveLength(2);
  expect(blocks.flatMap(({ except }) => except)).toEqual(
    expect.arrayContaining(['169.254.0.0/16', '10.0.0.0/8', 'fe80::/10', 'fc00::/7']),
  );
});
