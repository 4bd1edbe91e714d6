import { openStorage } from '../core/base/bytes/storage.js';
import { recognise } from './containers/containers.js';
import type { Container, Treatment } from './containers/decoding/container.js';
import { failureWarning } from './failures.js';
import type { Artifact } from './types.js';
import { notUnpacked, warnings as sourceWarnings } from './warnings.js';

/** Depth to which containers within containers are opened. */
const DEPTH = 8;

/** How a container is unpacked. */
export type Unpackable = Exclude<Treatment, { unpack: string }>;

/** The container that an artifact's bytes are; an error of reading them is reported on it. */
export function recogniseOrWarn(artifact: Artifact): Container | undefined {
  try {
    return recognise(openStorage(artifact.storage));
  } catch (error) {
    const warning = failureWarning(artifact.path, error);
    artifact.warnings.push(warning);
    artifact.unread.push({ offset: 0, length: null, reason: warning.message });
    return undefined;
  }
}

/** How a container is unpacked; if it is not, adds a warning with the command that unpacks it. */
export function treatmentOf(artifact: Artifact, container: Container, depth: number): Unpackable | undefined {
  const { warnings, unread, storage } = artifact;
  const { name, treatment } = container;
  const isUnpackable = !('unpack' in treatment);
  if (isUnpackable && depth < DEPTH) return treatment;
  const warning = isUnpackable
    ? sourceWarnings.of('container-too-deep', {
        message: `${name} within ${depth} other containers: not unpacked`,
        hint: 'unpack the outer ones and scan their content',
      })
    : notUnpacked(container);
  warnings.push(warning);
  unread.push({ offset: 0, length: storage.length, reason: warning.message });
  return undefined;
}
