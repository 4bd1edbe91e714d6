import { type ByteReader, openStorage } from '../core/base/bytes/storage.js';
import { readAsset } from '../core/base/runtime/assets.js';
import { definedFields } from '../core/base/runtime/defined.js';
import { type FileId, fileOf } from '../core/base/runtime/draft-file.js';
import { DumpsieveError, reasonOf } from '../core/base/runtime/errors.js';
import { KeptFiles } from '../core/base/runtime/kept-files.js';
import type { RunFacts } from '../core/model/report.js';
import type { RedactOptions } from '../core/options/check-options.js';
import { filesRead } from '../core/options/kept-files.js';
import { REDACT_OPTIONS } from '../core/options/redact-table.js';
import { loadBundle } from '../rules/builtin.js';
import type { FindTarget } from '../scan/find/find-targets.js';
import { Spool, SpoolMemory } from '../source/spool.js';
import type { SpoolContext } from '../source/stored-bytes.js';
import type { CopyDestination, CopyOutput, Written } from './copy.js';
import { CopyFiles } from './copy-files.js';
import { CHUNK, sha256Of } from './file-digest.js';
import { openInput, type RedactInput } from './input.js';
import { writeManifest } from './manifest/json.js';
import { type FileDigest, MANIFEST_TYPE, type Manifest } from './manifest/manifest.js';
import { ManifestSigner } from './signature/signer.js';

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

const ZEROS = new Uint8Array(CHUNK);

/**
 * A copy for a stream: in a sealed spool until it is proven. What the stream has taken cannot be taken away
 * again.
 */
class StreamOutput implements CopyOutput {
  readonly #stream: NodeJS.WritableStream;
  readonly #spool: Spool;
  readonly #signal: AbortSignal | undefined;

  constructor(stream: NodeJS.WritableStream, { budget, spoolDir, signal }: SpoolContext) {
    this.#stream = stream;
    this.#spool = new Spool(budget, spoolDir);
    this.#signal = signal;
  }

  /** Throws (exit 3) if the stream leads to a file that is kept; then it is kept itself. */
  static keep(stream: NodeJS.WritableStream, kept: KeptFiles): void {
    const file = fileBehind(stream);
    const use = file && kept.useOf(file);
    if (use !== undefined)
      throw new DumpsieveError({
        code: use.code,
        message: `standard output is ${use.what}`,
        hint: 'what is read is never changed: name another file',
      });
    kept.add(file, 'where the copy goes', 'output-is-output');
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    await this.setLength(offset);
    await this.#spool.write(bytes);
  }

  async setLength(length: number): Promise<void> {
    while (this.#spool.length < length)
      await this.#spool.write(ZEROS.subarray(0, Math.min(CHUNK, length - this.#spool.length)));
  }

  sync(): void {}

  async readBack(): Promise<Written> {
    return { storage: this.#spool.storage(), close() {} };
  }

  async publish(): Promise<void> {
    // An error comes to the callback of a write, and once more as an event, after that.
    const ignore = (): void => {};
    this.#stream.on('error', ignore);
    const reader = openStorage(this.#spool.storage());
    for (let at = 0; at < reader.length; at += CHUNK) {
      this.#signal?.throwIfAborted();
      // A new one each time: the stream may keep it.
      const bytes = new Uint8Array(Math.min(CHUNK, reader.length - at));
      reader.read(at, bytes);
      await this.#send(bytes);
    }
    this.#stream.off('error', ignore);
  }

  unpublish(): void {}

  discard(): void {
    this.#spool.close();
  }

  #send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(bytes, (error) => (error ? reject(notSent(error)) : resolve()));
    });
  }
}

const fileBehind = (stream: NodeJS.WritableStream): FileId | undefined =>
  'fd' in stream && typeof stream.fd === 'number' ? fileOf(stream.fd) : undefined;

function notSent(error: unknown): DumpsieveError {
  const message = `the copy cannot be written to standard output (${reasonOf(error)})`;
  const hint = 'what has arrived of it is not whole, and no copy';
  return new DumpsieveError({ code: 'output-not-written', message, hint }, 3, error);
}

/** A dump of a folder, whose copy has the same name: its name is no link, and must hold no secret. */
export interface NamedDump {
  shown: string;
  /** Throws if the name holds one of the secrets that were found. `masked`: the name without them. */
  checkName(masked: string, found: readonly FindTarget[]): Promise<void>;
  /** Called before an error of the scan is thrown. `masked` and `found`: by what was found until then. */
  failed(masked: string, found: readonly FindTarget[]): Promise<void>;
}
