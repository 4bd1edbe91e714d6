import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/**
 * A pipe between two children, so that no byte of a dump goes through this process: 3 s of processor time a
 * GiB. Node opens none itself, and begins to read those of its children at once.
 */
export class Pipe {
  readonly read: number;
  readonly write: number;
  readonly #open: Set<number>;

  /** `folder`: of this process alone; the pipe has a name there for a moment. */
  constructor(folder: string) {
    const name = path.join(folder, `.pipe-${randomBytes(8).toString('hex')}`);
    execFileSync('mkfifo', ['-m', '600', name]);
    try {
      // Open for both, so that the others need not wait for each other.
      const both = fs.openSync(name, fs.constants.O_RDWR);
      try {
        this.read = fs.openSync(name, fs.constants.O_RDONLY);
        this.write = fs.openSync(name, fs.constants.O_WRONLY);
      } finally {
        fs.closeSync(both);
      }
      this.#open = new Set([this.read, this.write]);
    } finally {
      fs.rmSync(name, { force: true });
    }
  }

  /** Each end is closed once its child has it: a reader sees the end only if no writer is left. */
  closeRead(): void {
    this.#close(this.read);
  }

  closeWrite(): void {
    this.#close(this.write);
  }

  /** Only once: another file may have the number by then. */
  #close(fd: number): void {
    if (!this.#open.delete(fd)) return;
    fs.closeSync(fd);
  }
}
