import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GuardLog } from '../../src/guard/log/log.js';
import { ManifestSigner } from '../../src/redact/signature/signer.js';
import { KEY, OTHER_KEY } from '../redact/manifest/signed-copy.js';
import { withTempDir } from '../support/folder.js';

/** The three files of a log. */
export const FILES = ['log.jsonl', 'log.head', 'log.head.minisig'] as const;
export type LogFile = (typeof FILES)[number];

/** The folder of a guard with a log, and keys to sign and to verify. */
export interface MadeLog {
  folder: string;
  signer: ManifestSigner;
  otherSigner: ManifestSigner;
  /** Public half of the signer's key, a file. */
  key: string;
  /** Each head that was printed. */
  heads: string[];
  file(name: string): string;
  read(name: LogFile): Buffer;
  write(name: LogFile, content: string | Uint8Array): void;
  /** The contents of all three files; undefined where there is none. */
  saved(): (Buffer | undefined)[];
  lines(): string[];
  open(signer?: ManifestSigner): Promise<GuardLog>;
  /** Writes a log at once, by code that shares nothing with the guard's. */
  build(count: number): void;
  /** Opens the log, appends entries and closes it. */
  grow(count: number): Promise<void>;
}

export const inLogFolder = (body: (made: MadeLog) => Promise<void>): Promise<void> =>
  withTempDir(async (folder) => {
    const file = (name: string) => join(folder, name);
    writeFileSync(file('sign.key'), KEY.minisignSecret);
    writeFileSync(file('sign.pub'), KEY.minisignPublic);
    writeFileSync(file('other.key'), OTHER_KEY.minisignSecret);
    const signer = ManifestSigner.open(file('sign.key'));
    const heads: string[] = [];
    const open = (by = signer) => GuardLog.open(folder, by, (line) => heads.push(line));
    await body({
      ...{ folder, signer, heads, file, open },
      otherSigner: ManifestSigner.open(file('other.key')),
      key: file('sign.pub'),
      read: (name) => readFileSync(file(name)),
      write: (name, content) => writeFileSync(file(name), content),
      saved: () => FILES.map((name) => (existsSync(file(name)) ? readFileSync(file(name)) : undefined)),
      lines: () => readFileSync(file('log.jsonl'), 'utf8').match(/.*\n/g) ?? [],
      build(count) {
        const lines: string[] = [];
        let prev = '0'.repeat(64);
        for (let seq = 1; seq <= count; seq++) {
          const time = new Date(1_796_100_000_000 + seq * 1000).toISOString();
          const entry = { seq, prev, time, boot: '0badcafe', event: 'taken', dump: `dump-${seq % 7}` };
          const line = `${JSON.stringify(entry)}\n`;
          prev = createHash('sha256').update(line).digest('hex');
          lines.push(line);
        }
        const origin = '0123456789abcdef'.repeat(2);
        const head = `dumpsieve guard log\n${origin}\n${count}\n${prev}\n`;
        const signature = signer.sign(Buffer.from(head), `guard log ${origin} ${count} ${prev}`, 'log head');
        writeFileSync(file('log.jsonl'), lines.join(''));
        writeFileSync(file('log.head'), head);
        writeFileSync(file('log.head.minisig'), signature);
      },
      async grow(count) {
        const log = await open();
        for (let i = 0; i < count; i++) await log.append({ event: 'taken', dump: `dump-${i}` });
        log.close();
      },
    });
  });
