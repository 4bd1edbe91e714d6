/** What a process has mapped, as far as regions are named by it. */

/** One entry of NT_FILE: a stretch of memory that a file is mapped to. */
export interface FileMapping {
  start: bigint;
  end: bigint;
  /** Offset in the mapped file, in bytes. */
  fileOffset: bigint;
  path: string;
}

/** A file that is mapped, once or in several stretches. */
export interface MappedFile {
  path: string;
  base: bigint;
  /** Past the last stretch. */
  end: bigint;
  /** Past .bss, where the image says how long it is: the memory from `end` on that no file backs. */
  imageEnd?: bigint;
  /** An executable or a library, not a data file. */
  isModule: boolean;
  buildId?: string;
}

/** Files in the order of NT_FILE, and for each of its entries the file that it belongs to. */
export interface MappedFiles {
  files: MappedFile[];
  fileOf: MappedFile[];
}

/** A string of the command line or of the environment, as the kernel put it on the stack. */
export interface StackString {
  address: bigint;
  /** Bytes, with the NUL. */
  length: number;
  kind: 'argv' | 'environment';
  /** The environment variable's name. */
  name?: string;
}
