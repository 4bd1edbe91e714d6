import { inflateSync } from 'node:zlib';
import type { PageData } from '../../src/report/html/data.js';

/** The blocks of data in an HTML report. */
export function blocksOf(report: string): PageData[] {
  const blocks = report.matchAll(/<script type="text\/plain" class="data">([0-9A-Za-z+/=]*)<\/script>\n/g);
  return [...blocks].map(([, data = '']) => JSON.parse(inflateSync(Buffer.from(data, 'base64')).toString()));
}

/**
 * What a report says. The page is the same in each HTML report, and what zlib makes of its data differs
 * between versions of Node.
 */
export const shownText = (format: string, report: string): string =>
  format === 'html' ? `${JSON.stringify(blocksOf(report), null, 2)}\n` : report;
