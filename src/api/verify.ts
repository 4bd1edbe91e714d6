import type { Storage } from '../core/base/bytes/storage.js';
import type { Notice } from '../core/base/runtime/errors.js';
import { checkVerifyOptions } from '../core/options/check-options.js';
import type { VerifyOptions } from '../core/options/redact-table.js';
import { isMissing, openChecked, readChecked } from '../redact/checked-file.js';
import { signatureOf } from '../redact/copy-files.js';
import { encodingNamed } from '../redact/encodings/encodings.js';
import { digestOfContent, type OnChunk, sha256Of } from '../redact/file-digest.js';
import { LONGEST_MANIFEST, readManifest } from '../redact/manifest/json.js';
import type { Manifest } from '../redact/manifest/manifest.js';
import { checkSignature, openVerifyKey } from '../redact/signature/verifier.js';
import { nameOf, names } from '../source/names.js';

export type { VerifyOptions } from '../core/options/redact-table.js';

/** What a verification has found. */
export interface VerifyResult {
  /** True if the file is the copy of a manifest that the key has signed. */
  verified: boolean;
  /** Why it is not; empty if it is. */
  problems: Notice[];
  /** What the key has signed, whether the file is that copy or not. */
  manifest?: Manifest;
  /** Trusted comment of the signature. */
  trustedComment?: string;
}

/** Bytes of the longest signature file. */
const LONGEST_SIGNATURE = 32 * 1024;

/**
 * Verifies a copy by its manifest, and the manifest by its signature (docs/redact.md). Nothing of a manifest
 * is looked at before its signature. Throws a DumpsieveError if a file cannot be read (`exit` 2), or
 * for a wrong key or call (3).
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  checkVerifyOptions(options);
  const key = openVerifyKey(options.key);
  const name = nameOf(options.manifest);
  const content = await readChecked(name, LONGEST_MANIFEST);
  if (content === undefined) return failed(await ifSwapped(options, problem('manifest-too-long')));
  const signatureName = signatureOf(name);
  if (await isMissing(signatureName)) return failed(await ifSwapped(options, problem('signature-missing')));
  const signature = await readChecked(signatureName, LONGEST_SIGNATURE);
  const checked = checkSignature(content, signature ?? new Uint8Array(0), key);
  if ('problem' in checked) return failed(checked.problem);
  const read = await readManifest(content);
  if ('problem' in read) return failed(read.problem);
  const problems = await compareFile(options, read.manifest);
  return { verified: problems.length === 0, problems, ...read, ...checked };
}

const failed = (...problems: Notice[]): VerifyResult => ({ verified: false, problems });

const PROBLEMS = {
  'manifest-too-long': [
    'the manifest is longer than any that redact writes',
    'name the manifest that redact wrote beside the copy',
  ],
  'signature-missing': [
    'the manifest has no signature: there is no file with its name and .minisig',
    'redact with --sign KEY, or take the signature as well; the manifest is named before its copy',
  ],
  'length-differs': [
    'the file has another length than the copy',
    'it was cut off, appended to, or is another file: take it from its source once more',
  ],
  'content-differs': [
    'the file has another content than the copy',
    'it was changed, or is another file: take it from its source once more',
  ],
} as const;

function problem(code: keyof typeof PROBLEMS): Notice {
  const [message, hint] = PROBLEMS[code];
  return { code, message, hint };
}

/** The problem, with the right call as its hint where the copy is named first and its manifest second. */
async function ifSwapped({ manifest, file }: VerifyOptions, found: Notice): Promise<Notice> {
  const second = await readChecked(nameOf(file), LONGEST_MANIFEST).catch(() => undefined);
  if (second === undefined || 'problem' in (await readManifest(second))) return found;
  const [named, copy] = [file, manifest].map((each) => names.show(nameOf(each)));
  return {
    ...found,
    hint: `the second file is a manifest, and the first is none: say dumpsieve verify ${named} ${copy}`,
  };
}

/** Compares a file with what a manifest says of it, reading it once. */
async function compareFile(options: VerifyOptions, { output }: Manifest): Promise<Notice[]> {
  const { signal, onProgress } = options;
  const file = await openChecked(nameOf(options.file));
  const { length: total } = file.reader;
  try {
    if (total !== output.bytes) return [problem('length-differs')];
    const step = (bytes: number): void => {
      signal?.throwIfAborted();
      onProgress?.({ bytes, total });
    };
    const found = await sha256Of(file.reader, step);
    const isCopy =
      found === output.sha256 && (await holdsDecoded(file.storage, output.decoded, () => step(total)));
    file.requireUnchanged();
    return isCopy ? [] : [problem('content-differs')];
  } finally {
    file.close();
  }
}

/** True unless a manifest says what a file holds, compressed, and that is not so. */
async function holdsDecoded(
  storage: Storage,
  decoded: Manifest['output']['decoded'],
  step: OnChunk,
): Promise<boolean> {
  if (decoded === undefined) return true;
  const { bytes: length, sha256 } = decoded;
  const encoding = encodingNamed(decoded.encoding);
  return (await digestOfContent({ storage, encoding, length, step })) === sha256;
}
