import { memoryStorage } from '../core/base/bytes/storage.js';
import { useSecrets } from '../core/base/crypto/secret-memory.js';
import { oneArtifact } from '../redact/one-artifact.js';
import type { FindTarget } from '../scan/find/find-targets.js';
import type { Scanner } from '../scan/scanner.js';

/** True if a scan of the name as a text finds anything: by a rule, or one of the targets. */
export async function holdsSecret(
  name: string | Uint8Array,
  scanner: Scanner,
  targets: readonly FindTarget[] = [],
): Promise<boolean> {
  const endSecrets = useSecrets();
  try {
    const sources = oneArtifact('name', memoryStorage(Buffer.from(name)));
    let isFound = false;
    for await (const event of scanner.report({ paths: ['name'] }, { sources, targets }).events()) {
      isFound ||= event.type === 'finding';
      isFound ||= event.type === 'find' && event.results.some(({ status }) => status === 'present');
    }
    return isFound;
  } finally {
    endSecrets();
  }
}
