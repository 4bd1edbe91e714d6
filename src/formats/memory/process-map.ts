/** A file mapping: one entry of NT_FILE, or one line of /proc/PID/maps. */
export interface FileMapping {
  start: bigint;
  end: bigint;
  /** Offset in the mapped file, in bytes. */
  fileOffset: bigint;
  path: string;
}

/** A mapped file with all its mappings. */
export interface MappedFile {
  path: string;
  base: bigint;
  /** End of the last mapping. */
  end: bigint;
  /** End of .bss, from the image's program headers: memory from `end` on that no file backs. */
  imageEnd?: bigint;
  /** True for an executable or library, false for a data file. */
  isModule: boolean;
  buildId?: string;
}

/** Files in the order of their first mappings, and the file of each mapping. */
export interface MappedFiles {
  files: MappedFile[];
  fileOf: MappedFile[];
}

/** A command line argument or environment variable in memory. */
export interface StackString {
  address: bigint;
  /** Length in bytes, with the NUL. */
  length: number;
  kind: 'argv' | 'environment';
  /** Name of an environment variable. */
  name?: string;
}
