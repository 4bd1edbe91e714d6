import type { RedactOptions } from '../options/redact-options.js';
import { CopyFiles } from './copy-files.js';
import { sha256Of } from './file-digest.js';
import { type InputFile, openInput } from './input-file.js';
import { writeManifest } from './manifest/json.js';
import { MANIFEST_TYPE, type Manifest } from './manifest/manifest.js';
import type { OutputFile } from './output-file.js';
import { Signer } from './signature/signer.js';
import { toolFacts } from './tool.js';

/** What the maker of a copy says of it. */
export interface CopyFacts
  extends Pick<Manifest, 'format' | 'keep' | 'paths' | 'fill' | 'plan' | 'coverage' | 'acceptedLimits'> {
  /** SHA-256 of the copy, in hexadecimal. */
  sha256: string;
  /** That of the dump, if it is known. */
  inputSha256?: string;
}

/** The files beside a copy. */
export interface Published {
  /** File of the manifest. */
  manifest: string;
  /** With a key: file of the manifest's signature, and the public half that verifies it. */
  signature?: { file: string; publicKey: string };
}

/** The open files of one copy: input, copy under its temporary name, and the key that signs. */
export class CopySession {
  readonly input: InputFile;
  readonly #files: CopyFiles;
  readonly #signer: Signer | undefined;
  readonly #options: RedactOptions;

  private constructor(
    options: RedactOptions,
    input: InputFile,
    files: CopyFiles,
    signer: Signer | undefined,
  ) {
    this.#options = options;
    this.input = input;
    this.#files = files;
    this.#signer = signer;
  }

  /** Throws where a file may not be written (exit 3) or the input cannot be read (exit 2). */
  static async open(options: RedactOptions): Promise<CopySession> {
    const { input: path, output, manifest, sign, force = false } = options;
    const input = await openInput(path);
    try {
      const signer = sign === undefined ? undefined : Signer.open(sign);
      const untouched = { input: input.stats, key: signer?.file };
      const files = CopyFiles.create({ output, manifest }, untouched, force);
      return new CopySession(options, input, files, signer);
    } catch (error) {
      input.close();
      throw error;
    }
  }

  /** Under a temporary name. */
  get output(): OutputFile {
    return this.#files.copy;
  }

  /** Gives the copy, its manifest and the signature their names, if the input is what it was. */
  async publish({ sha256, inputSha256, ...facts }: CopyFacts): Promise<Published> {
    const { hashInput, signal } = this.#options;
    const bytes = this.input.reader.length;
    const inputHash = hashInput
      ? (inputSha256 ?? (await sha256Of(this.input.reader, () => signal?.throwIfAborted())))
      : undefined;
    this.input.requireUnchanged();
    const manifest: Manifest = {
      schemaVersion: 1,
      type: MANIFEST_TYPE,
      tool: toolFacts(),
      ...facts,
      ...(inputHash === undefined ? {} : { input: { bytes, sha256: inputHash } }),
      output: { bytes, sha256 },
    };
    const text = writeManifest(manifest);
    const signer = this.#signer;
    this.#files.publish(text, signer?.sign(text, `redaction manifest of sha256:${sha256}`));
    const { manifest: file, signature } = this.#files;
    if (signer === undefined) return { manifest: file };
    return { manifest: file, signature: { file: signature, publicKey: signer.publicKey } };
  }

  /** Closes all files; without {@link publish} there is none left. */
  close(): void {
    this.#files.discard();
    this.input.close();
  }
}
