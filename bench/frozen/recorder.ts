import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Digests by the name of their row: `input / command / format`. */
export type Rows = Map<string, string>;

/** Bits of SHA-256 that a row keeps, in hexadecimal digits. */
const DIGITS = 16;

/** Takes the output of commands and keeps its digest; with a folder, also the output, for `diff -r`. */
export class Recorder {
  readonly rows: Rows = new Map();
  readonly #texts: string | undefined;

  constructor(texts?: string) {
    this.#texts = texts;
  }

  add(name: string, output: string | Uint8Array): void {
    if (this.rows.has(name)) throw new Error(`two rows are named ${name}`);
    this.rows.set(name, createHash('sha256').update(output).digest('hex').slice(0, DIGITS));
    if (this.#texts === undefined) return;
    const path = join(this.#texts, name.replaceAll(' / ', '/'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, output);
  }

  /** A row that is its text, such as an exit status. */
  plain(name: string, text: string): void {
    this.rows.set(name, text);
  }
}

export function written(rows: Rows): string {
  return [...rows].map(([name, digest]) => `${name}\t${digest}\n`).join('');
}

export function parsed(text: string): Rows {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t') as [string, string]),
  );
}
