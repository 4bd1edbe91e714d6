import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { Finding } from '../../src/model/report.js';
import type { Report } from '../command/measure.js';

const PAGE = 4096;
const CHUNK = 1024 * PAGE;

/** Bytes of pages that are not zero. */
function bytesOf(path: string): number {
  const chunk = Buffer.alloc(CHUNK);
  const zero = Buffer.alloc(PAGE);
  const file = openSync(path, 'r');
  let bytes = 0;
  try {
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk))
      for (let at = 0; at < length; at += PAGE) {
        const page = chunk.subarray(at, Math.min(at + PAGE, length));
        if (!page.equals(zero.subarray(0, page.length))) bytes += page.length;
      }
  } finally {
    closeSync(file);
  }
  return bytes;
}

/** One dump and everything that was reported in it, whatever counts by default. */
export interface ScannedDump {
  name: string;
  /** Bytes of pages that are not zero. */
  bytes: number;
  seconds: number;
  findings: readonly Finding[];
}

export function scanDumps(paths: readonly string[], command: readonly string[]): ScannedDump[] {
  return paths.map((path) => {
    const every = ['--format', 'json', '--exit-zero', '--min-confidence', 'low', '--fail-on', 'info'];
    const [program, ...more] = command;
    const args = [program!, 'scan', ...every, ...more, path];
    const options = { encoding: 'utf8', maxBuffer: 2 ** 30, env: { PATH: process.env.PATH } } as const;
    const start = performance.now();
    const { stdout, stderr } = spawnSync(process.execPath, args, options);
    const seconds = (performance.now() - start) / 1000;
    if (stdout === '') throw new Error(`${path}: ${stderr}`);
    const { findings }: Report = JSON.parse(stdout);
    const name = basename(path);
    process.stderr.write(`${name}: ${findings.length} findings, ${seconds.toFixed(1)} s\n`);
    return { name, bytes: bytesOf(path), seconds, findings };
  });
}
