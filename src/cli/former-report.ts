import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { orUndefined } from '../core/base/runtime/or-undefined.js';
import type { Format } from '../core/model/report.js';

/** How reports begin. What a terminal gets has no such beginning: it is not recognised in a file. */
const BEGINNINGS: Readonly<Record<Format, RegExp | undefined>> = {
  pretty: undefined,
  json: /^\{\s*"schemaVersion": \d+,\s*"tool": \{"name":"dumpsieve"/,
  ndjson: /^\{"type":"run","schemaVersion":\d+,"tool":\{"name":"dumpsieve"/,
  sarif: /^\{\s*"\$schema": "https:\/\/docs\.oasis-open\.org\/sarif\/sarif\/v2\.1\.0\/errata01\//,
  junit: /^<\?xml [^>]*>\s*<testsuites name="dumpsieve"/,
  markdown: /^## dumpsieve: /,
  csv: /^"file","answer","kind",/,
  lines: /^# dumpsieve lines: /,
  html: /^<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="generator" content="dumpsieve">/,
};

/** Bytes at the start of a report that are looked at. */
const HEAD = 256;

/** True for a file that begins as a report of a format: the next report may take its place. */
export function isFormerReport(file: string, format: Format): boolean {
  const beginning = BEGINNINGS[format];
  // Opening a FIFO would wait for its writer.
  if (beginning === undefined || orUndefined(() => statSync(file))?.isFile() !== true) return false;
  let fd: number | undefined;
  try {
    fd = openSync(file, 'r');
    const head = Buffer.alloc(HEAD);
    return beginning.test(head.toString('latin1', 0, readSync(fd, head)));
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
