import fs from 'node:fs';
import { tryTo } from '../../core/base/runtime/try-to.js';

/** Writes all bytes at the end of an open file: one write may end early where the disk is full. */
export function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
}

/** Writes a new file, for its owner alone, and syncs it. What a killed writer left under the name goes. */
export function writeSynced(name: string, content: Uint8Array): void {
  fs.rmSync(name, { force: true });
  const fd = fs.openSync(name, 'wx', 0o600);
  try {
    writeWhole(fd, content);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Makes new names durable. Where a folder cannot be synced (Windows), the system does it in its time. */
export function syncFolder(folder: string): void {
  tryTo(() => {
    const fd = fs.openSync(folder, 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  });
}
