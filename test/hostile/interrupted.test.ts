import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { writeFlood } from '../../bench/hostile/floods.js';
import { keyFloods } from '../../bench/hostile/key-floods.js';
import type { ArtifactReport } from '../../src/core/model/report.js';
import type { Finding, Summary } from '../../src/index.js';
import { scan } from '../../src/index.js';
import { withTempDir } from '../support/folder.js';

const SIZE = 512 * 1024;

const secondsSince = (start: NodeJS.CpuUsage | undefined): number => {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
};

/** Processor seconds from the end of the sweep to the stop: a busy machine gets as far as an idle one. */
const WORK = 0.2;

/** Scans a flood, stopped when all bytes are swept; `cpu`: processor seconds from then to the end. */
async function stopped(name: string) {
  return withTempDir(async (folder) => {
    const path = join(folder, 'flood');
    writeFlood(keyFloods.find((flood) => flood.name === name)!, path, SIZE);
    const controller = new AbortController();
    let swept: NodeJS.CpuUsage | undefined;
    let before: NodeJS.CpuUsage | undefined;
    const timer = setInterval(() => {
      if (swept === undefined || before !== undefined || secondsSince(swept) < WORK) return;
      before = process.cpuUsage();
      controller.abort('interrupted');
    }, 5);
    const onProgress = ({ bytes }: { bytes: number }) => {
      if (bytes >= SIZE) swept ??= process.cpuUsage();
    };
    const artifacts: ArtifactReport[] = [];
    const findings: Finding[] = [];
    let summary: Summary | undefined;
    for await (const event of scan({ paths: [path], jobs: 1, signal: controller.signal, onProgress })) {
      if (event.type === 'artifact') artifacts.push(event);
      else if (event.type === 'finding') findings.push(event);
      else if (event.type === 'summary') summary = event;
    }
    clearInterval(timer);
    return { artifacts, findings, summary, cpu: secondsSince(before), isStopped: before !== undefined };
  });
}

test.each(['JWTs, each with its JWT_SECRET', 'Flask sessions, each with its key'])(
  'a scan of a flood of %s ends soon when it is stopped',
  async (name) => {
    const { artifacts, findings, summary, cpu, isStopped } = await stopped(name);
    expect(isStopped).toBe(true);
    expect(cpu).toBeLessThan(2);
    expect(summary).toMatchObject({ complete: false });
    expect(summary?.warnings.map(({ code }) => code)).toContain('stopped');
    // What was found until then is reported, and what was not searched.
    expect(findings.length).toBeGreaterThan(100);
    const { limits, file } = artifacts[0]!.coverage;
    expect(limits.length + file.unread.length).toBeGreaterThan(0);
  },
);
