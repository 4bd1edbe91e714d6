import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Finding } from '../../src/core/model/report.js';
import type { Report } from '../command/measure.js';

/** st_blocks is in units of 512 bytes on every platform. */
const BLOCK = 512;

/** Bytes that are stored: gdb leaves pages of zeros as holes, and cores can be a thousand times as long. */
function bytesOf(path: string): number {
  const { size, blocks } = statSync(path);
  return Math.min(size, blocks * BLOCK);
}

/** One dump and everything that was reported in it, whatever counts by default. */
export interface ScannedDump {
  name: string;
  /** Bytes without holes. */
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
