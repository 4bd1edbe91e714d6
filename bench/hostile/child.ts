import { closeSync, openSync, writeSync } from 'node:fs';
import { type Finding, reporters, type Summary, scan } from '../../src/index.js';

/** The result of one scan, measured in this process. */
export interface Measured {
  /** Seconds of the scan and its report, without the start of Node. */
  seconds: number;
  /**
   * Processor time of all threads, including the start of Node: steadier than `seconds` on a busy machine.
   */
  cpu: number;
  /** Peak memory of the process, in bytes. */
  peak: number;
  exit: number;
  findings: number;
  /** Bytes read, according to the report. */
  read: number;
  report: number;
}

/**
 * `node child.js FILE [JOBS] [REPORT]`: one scan with its JSON report, measured from inside; prints one line
 * of JSON.
 */
const [file = '', jobs = '2', report = '/dev/null'] = process.argv.slice(2);
const fd = openSync(report, 'w');
let written = 0;
const reporter = reporters.json!(
  (text) => {
    const bytes = Buffer.from(text);
    written += bytes.length;
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
  },
  { color: false },
);
const started = performance.now();
let findings = 0;
let read = 0;
let summary: Summary | undefined;
for await (const event of scan({ paths: [file], jobs: Number(jobs) })) {
  reporter.event(event);
  if (event.type === 'finding') findings += (event satisfies Finding) ? 1 : 0;
  if (event.type === 'artifact') {
    const { bytes, unread } = event.coverage.file;
    read += unread.reduce((rest, { length }) => (length === null ? Number.NaN : rest - length), bytes);
  }
  if (event.type === 'summary') summary = event;
}
reporter.end();
closeSync(fd);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const measured: Measured = {
  seconds: (performance.now() - started) / 1000,
  cpu: (userCPUTime + systemCPUTime) / 1e6,
  // Peak in KiB on every platform (libuv).
  peak: maxRSS * 1024,
  exit: summary?.exit ?? -1,
  findings,
  read,
  report: written,
};
process.stdout.write(`${JSON.stringify(measured)}\n`);
