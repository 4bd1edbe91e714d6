import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { asset } from '../../src/core/base/runtime/assets.js';
import type { Pattern } from '../../src/sweep/patterns.js';

/** Source of a pass's bytes: the matcher's own memory, or reads of single chunks from the page cache. */
export type Way = 'memory' | 'file';

/** Of a pass, in milliseconds. Processor time stays comparable on a busy machine. */
export interface Time {
  wall: number;
  processor: number;
}

/** The patterns in the peer's format. */
function lines(patterns: readonly Pattern[]): string {
  return patterns
    .map(({ id, bytes, caseless }) => `${id} ${caseless ? 1 : 0} ${Buffer.from(bytes).toString('hex')}\n`)
    .join('');
}

/**
 * Hyperscan in a separate process (bench/peers/hyperscan.c), started pass by pass so that passes alternate
 * with ours.
 */
export class Peer {
  readonly #process: ReturnType<typeof spawn>;
  readonly #answers: AsyncIterator<string>;
  readonly #folder: string;

  private constructor(process: ReturnType<typeof spawn>, folder: string) {
    this.#process = process;
    this.#folder = folder;
    this.#answers = createInterface({ input: process.stdout! })[Symbol.asyncIterator]();
  }

  /** Compiles it with `cc` into `folder` and starts it on `file`. */
  static async start(
    file: string,
    patterns: readonly Pattern[],
    chunk: number,
    folder: string,
  ): Promise<Peer> {
    const binary = join(folder, 'hyperscan');
    execFileSync('cc', ['-O2', '-o', binary, new URL(asset('bench/peers/hyperscan.c')).pathname, '-lhs']);
    const list = join(folder, 'patterns');
    writeFileSync(list, lines(patterns));
    const child = spawn(binary, [file, list, String(chunk)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const peer = new Peer(child, folder);
    await peer.#next();
    return peer;
  }

  async #next(): Promise<string> {
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the peer has ended');
    return value;
  }

  async #ask(command: string): Promise<string> {
    this.#process.stdin!.write(`${command}\n`);
    return this.#next();
  }

  async pass(way: Way): Promise<Time> {
    const [wall, processor] = (await this.#ask(way)).split(' ').map((ns) => Number(ns) / 1e6);
    return { wall: wall!, processor: processor! };
  }

  /** Hits of the last pass as `[start, id]`, in the order of start, then id. */
  async hits(): Promise<[number, number][]> {
    const path = join(this.#folder, 'hits');
    await this.#ask(`dump ${path}`);
    const bytes = readFileSync(path);
    const hits: [number, number][] = [];
    for (let at = 0; at < bytes.length; at += 16) {
      hits.push([Number(bytes.readBigUInt64LE(at)), Number(bytes.readBigUInt64LE(at + 8))]);
    }
    return hits.sort(([a, x], [b, y]) => a - b || x - y);
  }

  async close(): Promise<void> {
    this.#process.stdin!.end();
    await once(this.#process, 'exit');
  }
}
