import type { ByteReader } from '../core/base/bytes/storage.js';
import { readAsset } from '../core/base/runtime/assets.js';
import { definedFields } from '../core/base/runtime/defined.js';
import { KeptFiles } from '../core/base/runtime/kept-files.js';
import type { RunFacts } from '../core/model/report.js';
import { filesRead } from '../core/options/kept-files.js';
import type { RedactOptions } from '../core/options/redact-options.js';
import { REDACT_OPTIONS } from '../core/options/redact-table.js';
import { loadBundle } from '../rules/builtin.js';
import { SpoolMemory } from '../source/spool.js';
import { CopyFiles } from './copy-files.js';
import type { CopyDestination } from './copy-output.js';
import { sha256Of } from './file-digest.js';
import { openInput, type RedactInput } from './input.js';
import { writeManifest } from './manifest/json.js';
import { type FileDigest, MANIFEST_TYPE, type Manifest } from './manifest/manifest.js';
import type { NamedDump } from './named-dump.js';
import { ManifestSigner } from './signature/signer.js';
import { StreamOutput } from './stream-output.js';

/** The program and its built-in rules, as a report and a manifest name them. */
function toolFacts(): RunFacts['tool'] {
  const { version } = JSON.parse(readAsset('package.json').toString()) as { version: string };
  const { rules, sha256 } = loadBundle();
  const count = rules.filter(({ optIn }) => !optIn).length;
  return { name: 'dumpsieve', version, rules: { count, sha256 } };
}

/** What the maker of a copy says of it. */
export interface CopyFacts
  extends Pick<Manifest, 'format' | 'keep' | 'paths' | 'fill' | 'plan' | 'coverage' | 'acceptedLimits'> {
  /** Digest of the copy, as it was proven. */
  output: FileDigest;
  /** SHA-256 of what the dump holds, in hexadecimal, if it is known. */
  content?: string;
}

/** The digests of a copy, and the files beside it. */
export interface Published {
  /** SHA-256 of the copy's file, in hexadecimal. */
  sha256: string;
  /** Digest of the content of a copy that is compressed as its dump is. */
  decoded?: NonNullable<FileDigest['decoded']>;
  /** File of the manifest. */
  manifest: string;
  /** With a key: file of the manifest's signature, and the public half that verifies it. */
  signature?: { file: string; publicKey: string };
}

/** The open files of one copy: input, copy under its temporary name, and the key that signs. */
export class CopySession {
  readonly input: RedactInput;
  readonly #files: CopyFiles;
  readonly #signer: ManifestSigner | undefined;
  readonly #options: RedactOptions;

  private constructor(
    options: RedactOptions,
    input: RedactInput,
    files: CopyFiles,
    signer: ManifestSigner | undefined,
  ) {
    this.#options = options;
    this.input = input;
    this.#files = files;
    this.#signer = signer;
  }

  /** Throws where a file may not be written (exit 3) or the input cannot be read (exit 2). */
  static async open(options: RedactOptions, named?: NamedDump): Promise<CopySession> {
    const { output, manifest, sign, force = false, stdout, spoolDir, signal } = options;
    const context = { budget: new SpoolMemory(), spoolDir, signal };
    const input = await openInput({ ...options, follow: named === undefined }, context);
    try {
      const signer = sign === undefined ? undefined : ManifestSigner.open(sign);
      const kept = new KeptFiles();
      kept.add(signer?.file, 'the key', 'output-is-key');
      kept.add(input.file, 'the input itself', 'output-is-input');
      filesRead(REDACT_OPTIONS, options, kept);
      const stream = output === '-' ? stdout : undefined;
      if (stream !== undefined) StreamOutput.keep(stream, kept);
      const paths = { output: stream ? () => new StreamOutput(stream, context) : output, manifest };
      const files = CopyFiles.create(paths, kept, force);
      return new CopySession(options, input, files, signer);
    } catch (error) {
      input.close();
      throw error;
    }
  }

  /** Under a temporary name. */
  get target(): CopyDestination {
    return { output: this.#files.copy, encoding: this.input.encoding };
  }

  /** Gives the copy, its manifest and the signature their names, if the input is what it was. */
  async publish({ output, content, ...facts }: CopyFacts): Promise<Published> {
    const input = this.#options.hashInput ? await this.#inputDigest(content) : undefined;
    this.input.requireUnchanged();
    const manifest: Manifest = {
      schemaVersion: 1,
      type: MANIFEST_TYPE,
      tool: toolFacts(),
      ...facts,
      ...definedFields({ input }),
      output,
    };
    const { sha256, decoded } = output;
    const text = writeManifest(manifest);
    const signer = this.#signer;
    await this.#files.publish(text, signer?.sign(text, `redaction manifest of sha256:${sha256}`));
    const { manifest: file, signature } = this.#files;
    const published = { manifest: file, sha256, ...definedFields({ decoded }) };
    if (signer === undefined) return published;
    return { ...published, signature: { file: signature, publicKey: signer.publicKey } };
  }

  /** `content`: SHA-256 of what the dump holds, if it is known. */
  async #inputDigest(content: string | undefined): Promise<FileDigest> {
    const { stored, reader, encoding } = this.input;
    const digest = async (each: ByteReader, known?: string) => ({
      bytes: each.length,
      sha256: known ?? (await sha256Of(each, () => this.#options.signal?.throwIfAborted())),
    });
    const decoded = await digest(reader, content);
    return encoding === undefined
      ? decoded
      : { ...(await digest(stored)), decoded: { encoding: encoding.name, ...decoded } };
  }

  /** Closes all files; without {@link publish} there is none left. */
  close(): void {
    this.#files.discard();
    this.input.close();
  }
}
