import type { Reader } from '../base/bytes/storage.js';
import { differs, digestOfWritten, writeBlocks } from './copy.js';
import { type Step, sha256Of } from './file-digest.js';
import type { OutputFile } from './output-file.js';

/** Writes all bytes of a view, and nothing where they are 0. Returns their SHA-256. */
export async function writeView(view: Reader, output: OutputFile, step: Step): Promise<string> {
  const sha256 = await sha256Of(view, step, (bytes, offset) => writeBlocks(bytes, offset, output));
  output.setLength(view.length);
  output.sync();
  return sha256;
}

/** Reads a written copy again. Throws (exit 2) unless its bytes have this SHA-256. */
export async function proveHash(
  output: OutputFile,
  length: number,
  sha256: string,
  step: Step,
): Promise<void> {
  if ((await digestOfWritten(output, length, step)) !== sha256) throw differs(0);
}
