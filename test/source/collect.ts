import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openStorage, type Storage } from '../../src/core/base/bytes/storage.js';
import { Sources, type Tuning } from '../../src/source/sources.js';
import type { Artifact, SourceEvent, SourceNotice, SourceOptions } from '../../src/source/types.js';

/** An artifact with its bytes. */
export type Read = Omit<Artifact, 'close' | 'storage'> & { bytes: Buffer; kind: Storage['kind'] };

export interface Collected {
  artifacts: Read[];
  notices: SourceNotice[];
  /** Paths of artifacts and `code path` of notices, in order. */
  order: string[];
}

export function readAll(storage: Storage): Buffer {
  const bytes = Buffer.alloc(storage.length);
  return bytes.subarray(0, openStorage(storage).read(0, bytes));
}

/** Sources, each followed by what is inside. */
export async function* withInside(events: AsyncIterable<SourceEvent>): AsyncGenerator<SourceEvent> {
  for await (const event of events) {
    try {
      yield event;
      if (event.type === 'opened') yield* withInside(event.inside());
    } finally {
      if (event.type === 'opened') event.close();
    }
  }
}

export async function collectEvents(events: AsyncIterable<SourceEvent>): Promise<Collected> {
  const all: Collected = { artifacts: [], notices: [], order: [] };
  for await (const event of withInside(events)) {
    if (event.type === 'notice') {
      all.notices.push(event.notice);
      all.order.push(`${event.notice.code} ${event.notice.path}`);
      continue;
    }
    // A compressed member of an archive: its content is not taken, and is inside.
    if (event.artifact === undefined) continue;
    const { close, storage, ...rest } = event.artifact;
    all.artifacts.push({ ...rest, bytes: readAll(storage), kind: storage.kind });
    all.order.push(rest.path);
    // At once, although the content of a container is decoded from it afterwards.
    close();
  }
  return all;
}

export function collect(
  paths: (string | Uint8Array)[],
  options: Partial<SourceOptions> = {},
  tuning: Tuning = {},
): Promise<Collected> {
  return collectEvents(new Sources(paths, { follow: false, ifNoFiles: 'warn', ...options }, tuning).open());
}

export const codes = ({ notices }: Collected): string[] =>
  notices.map((notice) => `${notice.effect} ${notice.code}`);

/** A temporary folder for a test file. */
export function scratch(): {
  folder: string;
  write(name: string, bytes: string | Uint8Array): string;
  remove(): void;
} {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dumpsieve-test-'));
  return {
    folder,
    write(name, bytes) {
      const whole = path.join(folder, name);
      fs.mkdirSync(path.dirname(whole), { recursive: true });
      fs.writeFileSync(whole, bytes);
      return whole;
    },
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

/** The output of a system program for `input`. */
export function program(command: string, args: string[], input: Uint8Array): Buffer {
  return execFileSync(command, args, { input, maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'ignore'] });
}

/** Words and random bytes by `seed`, so that a codec has literals and matches. */
export function sample(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = (at >> 9) & 1 ? state >>> 24 : 0x61 + ((at * 7) % 13) + ((state >>> 30) & 1);
  }
  return bytes;
}

export async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
