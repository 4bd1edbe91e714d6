export interface SpoolOptions {
  /** Folder of the files. Default: that of the system. */
  folder?: string;
  /** Bytes of all dumps in the spool at most. */
  most: number;
}

/** The spool of one child: an encrypted file without a name, for one dump at a time. */
export interface SpoolSlot {
  /** For `ScanChild.within(options, limits, { spool: slot.fd })`. It reads only. */
  readonly fd: number;
}

/** Disk for dumps from elsewhere, in one file for each child. */
export class Spool {
  constructor(_options: SpoolOptions) {}

  /** A file for one more child. Throws `spool-failed` (exit 2). */
  slot(): SpoolSlot {
    return { fd: -1 };
  }

  /** Closes all files. */
  close(): void {}
}
