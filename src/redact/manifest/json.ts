import { DumpsieveError, type Notice } from '../../core/base/runtime/errors.js';
import { decodeText } from '../../core/base/text/escape.js';
import { MANIFEST_TYPE, type Manifest } from './manifest.js';

/** Bytes of the longest manifest: a million extents are 60 MB. */
export const LONGEST_MANIFEST = 256 * 2 ** 20;

const render = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The one form of a manifest; {@link readManifest} accepts no other. */
export function writeManifest(manifest: Manifest): Buffer {
  const bytes = Buffer.from(render(manifest));
  if (bytes.length <= LONGEST_MANIFEST) return bytes;
  throw new DumpsieveError(
    {
      code: 'manifest-too-long',
      message: 'the manifest would list more places than can be read again',
      hint: 'say --manifest-detail brief',
    },
    2,
  );
}

const PROBLEMS = {
  'manifest-malformed': [
    'the manifest is no JSON in the form in which redact writes it',
    'take it from its source once more; a signature of it says nothing as long as it can be read in two ways',
  ],
  'manifest-of-other-kind': [
    'the manifest is signed, but it is not that of a copy',
    'name the manifest that redact wrote beside the copy',
  ],
  'manifest-version': [
    'the manifest is of a version that this program does not know',
    'verify it with a newer version of dumpsieve',
  ],
} as const;

const problem = (code: keyof typeof PROBLEMS, detail = ''): { problem: Notice } => {
  const [message, hint] = PROBLEMS[code];
  return { problem: { code, message: detail === '' ? message : `${message} (${detail})`, hint } };
};

/**
 * Reads a manifest. Only the very form that {@link writeManifest} writes is accepted: with doubled names,
 * numbers that lose digits, other white space or text behind it, two readers could see two documents.
 */
export async function readManifest(bytes: Uint8Array): Promise<{ manifest: Manifest } | { problem: Notice }> {
  const text = decodeText(bytes);
  const value = text === undefined ? undefined : parsed(text);
  if (value === undefined || render(value) !== text) return problem('manifest-malformed');
  const head = value as { type?: unknown; schemaVersion?: unknown } | null;
  if (typeof head !== 'object' || head === null) return problem('manifest-of-other-kind');
  const { isManifest, manifestProblems } = await import('./schema.js');
  if (head.type !== MANIFEST_TYPE) return problem('manifest-of-other-kind');
  if (head.schemaVersion !== 1) return problem('manifest-version');
  if (isManifest(value)) return { manifest: value };
  return problem('manifest-malformed', manifestProblems(value)[0]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
