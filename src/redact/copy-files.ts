import fs from 'node:fs';
import path from 'node:path';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import type { KeptFiles } from '../core/base/runtime/kept-files.js';
import { escapeText } from '../core/base/text/escape.js';
import type { CopyOutput } from './copy.js';
import { OutputFile } from './output-file.js';
import type { ReplacedFile } from './replaced-file.js';

/** Where the files of a copy go. */
export interface CopyPaths {
  /** Its name, or what opens it. */
  output: string | (() => CopyOutput);
  /** Default: the name of the copy and `.manifest.json`. */
  manifest: string | undefined;
}

/** Name of a manifest's signature, where minisign looks for it. */
export const signatureOf = (manifest: string): string => `${manifest}.minisig`;

/** Name of a copy's manifest, unless it has another. */
export const manifestOf = (output: string): string => `${output}.manifest.json`;

/** A copy, its manifest and the signature, by their default names. */
export const filesOf = (output: string): string[] => [
  output,
  manifestOf(output),
  signatureOf(manifestOf(output)),
];

const misuse = (code: string, message: string, hint: string): DumpsieveError =>
  new DumpsieveError({ code, message, hint });

/**
 * The copy, its manifest and the signature. The copy is the last to get its name, so that there is none
 * without the others; if that fails, the others lose theirs, and files that were replaced get them back.
 */
export class CopyFiles {
  /** Under a temporary name. */
  readonly copy: CopyOutput;
  readonly manifest: string;
  readonly signature: string;
  readonly #kept: KeptFiles;
  readonly #force: boolean;
  #others: OutputFile[] = [];
  /** The signature of a manifest that was replaced. */
  #removed: ReplacedFile | undefined;

  private constructor(open: () => CopyOutput, manifest: string, kept: KeptFiles, force: boolean) {
    this.manifest = manifest;
    this.signature = signatureOf(manifest);
    this.#kept = kept;
    this.#force = force;
    for (const each of [this.manifest, this.signature]) OutputFile.check(each, kept, force);
    this.copy = open();
  }

  /**
   * Opens the copy under a temporary name. Throws (exit 3) where a file may not be written; what is `kept` is
   * not replaced, even with force.
   */
  static create({ output, manifest }: CopyPaths, kept: KeptFiles, force: boolean): CopyFiles {
    const name = typeof output === 'string' ? output : undefined;
    const named = manifest ?? (name && manifestOf(name));
    if (named === undefined)
      throw misuse(
        'manifest-not-named',
        'a copy on standard output has no name that its manifest could have',
        'name the file of the manifest: --manifest FILE',
      );
    const all = [...(name === undefined ? [] : [name]), named, signatureOf(named)];
    if (new Set(all.map(placeOf)).size < all.length)
      throw misuse(
        'manifest-is-output',
        'the manifest or its signature would have the name of the copy',
        'name another file with --manifest',
      );
    const open = typeof output === 'string' ? () => OutputFile.create(output, kept, force) : output;
    return new CopyFiles(open, named, kept, force);
  }

  /** Gives all files their names. `signature`: the content of its file. */
  async publish(manifest: Uint8Array, signature: Uint8Array | undefined): Promise<void> {
    const undo = (): void => {
      for (const each of [this.copy, ...this.#others]) each.unpublish();
      this.#removed?.restore();
    };
    // The program may be ended while standard output takes the copy.
    process.once('exit', undo);
    try {
      this.#write(this.manifest, manifest);
      if (signature !== undefined) this.#write(this.signature, signature);
      for (const each of this.#others) each.publish();
      if (signature === undefined) this.#removed = OutputFile.remove(this.signature, this.#kept, this.#force);
      await this.copy.publish();
      if (this.#others.some(({ isThere }) => !isThere))
        throw misuse(
          'output-replaced',
          `another program replaced ${escapeText(this.manifest)}`,
          'name a file in a folder that no other user may write into',
        );
    } catch (error) {
      undo();
      throw error;
    } finally {
      process.off('exit', undo);
    }
  }

  #write(name: string, content: Uint8Array): void {
    const file = OutputFile.create(name, this.#kept, this.#force);
    this.#others.push(file);
    file.write(content, 0);
    file.setLength(content.length);
    file.sync();
    if (Buffer.compare(file.content(), content) === 0) return;
    throw new DumpsieveError(
      {
        code: 'output-differs',
        message: 'what was read back of the manifest is not what was written',
        hint: 'the disk may be failing: copy the dump again, to another disk',
      },
      2,
    );
  }

  /** Closes the files and removes their temporary names, and what they have replaced. */
  discard(): void {
    for (const each of [...this.#others, this.copy]) each.discard();
    this.#removed?.forget();
  }
}

/** A name by the folder that it leads to. */
function placeOf(name: string): string {
  const folder = path.dirname(name);
  try {
    return path.join(fs.realpathSync(folder), path.basename(name));
  } catch {
    return path.resolve(name);
  }
}
