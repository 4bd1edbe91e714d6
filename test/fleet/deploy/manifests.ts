import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { asset } from '../../../src/core/base/runtime/assets.js';

/** The files of install/kubernetes/. */
export const deployFolder = fileURLToPath(asset('install/kubernetes/'));

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  spec?: Record<string, unknown>;
}

interface Container {
  name: string;
  image: string;
  args?: string[];
  securityContext?: Record<string, unknown>;
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  resources?: Record<'requests' | 'limits', Record<string, string>>;
}

export interface Pod {
  serviceAccountName: string;
  securityContext: Record<string, unknown>;
  initContainers: Container[];
  containers: Container[];
  volumes: { name: string; emptyDir?: { sizeLimit?: string } }[];
  terminationGracePeriodSeconds?: number;
  automountServiceAccountToken?: boolean;
}

export const kustomization = parse(readFileSync(`${deployFolder}kustomization.yaml`, 'utf8')) as {
  resources: string[];
  images: { name: string }[];
  namespace: string;
};

export const manifestFiles = readdirSync(deployFolder).filter(
  (name) => name.endsWith('.yaml') && name !== 'kustomization.yaml',
);

/** All manifests, with anchors resolved. */
export const manifests: Manifest[] = manifestFiles.flatMap((name) =>
  parseAllDocuments(readFileSync(`${deployFolder}${name}`, 'utf8')).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS() as Manifest;
  }),
);

export const manifestOf = (kind: string): Manifest => {
  const found = manifests.find((each) => each.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};

/** The pods that manifests start, by the name of their manifest. */
export function pods(): [name: string, pod: Pod][] {
  const job = manifestOf('Job').spec as { template: { spec: Pod } };
  const scaled = manifestOf('ScaledJob').spec as { jobTargetRef: { template: { spec: Pod } } };
  return [
    ['dumpsieve-migrate', job.template.spec],
    ['dumpsieve-worker', scaled.jobTargetRef.template.spec],
  ];
}
