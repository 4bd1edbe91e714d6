import fs from 'node:fs';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import { tryTo } from '../../core/base/runtime/try-to.js';
import { escapeText } from '../../core/base/text/escape.js';
import { type KeyUse, keyError } from './key-problems.js';

/** Octets of the longest key file: comments in front of a PEM block included. */
const LONGEST = 16 * 1024;

/** The content of a key file. */
export interface KeyFile {
  /** The caller wipes it. */
  content: Uint8Array;
  /** Its name for messages. */
  shown: string;
  /** To refuse writing over it. */
  dev: bigint;
  ino: bigint;
}

/**
 * Reads a file or a pipe into memory of its own. A name that leads to nothing is not quoted: it may be the
 * key itself, put in place of its file.
 */
export function readKeyFile(path: string, use: KeyUse): KeyFile {
  const content = Buffer.alloc(LONGEST + 1);
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, fs.constants.O_RDONLY);
    const { dev, ino } = fs.fstatSync(fd, { bigint: true });
    let length = 0;
    for (let got = 1; got > 0 && length < content.length; length += got)
      got = fs.readSync(fd, content, length, content.length - length, null);
    const shown = escapeText(path);
    if (length > LONGEST) throw keyError(use, 'too-long', { shown });
    return { content: content.subarray(0, length), shown, dev, ino };
  } catch (error) {
    content.fill(0);
    if (error instanceof DumpsieveError) throw error;
    throw keyError(use, 'unreadable', { reason: reasonOf(error) });
  } finally {
    const opened = fd;
    if (opened !== undefined) tryTo(() => fs.closeSync(opened));
  }
}

const BEGIN = Buffer.from('-----BEGIN ');
const DASHES = Buffer.from('-----');

/** The labels of all PEM blocks (RFC 7468), in order. */
export function pemLabels(content: Uint8Array): string[] {
  const text = Buffer.from(content.buffer, content.byteOffset, content.length);
  const labels: string[] = [];
  for (let at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at + BEGIN.length)) {
    const start = at + BEGIN.length;
    const end = text.indexOf(DASHES, start);
    labels.push(text.subarray(start, end < 0 ? start : end).toString('latin1'));
  }
  return labels;
}
