import fs from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { GuardLog } from '../../src/guard/log/log.js';
import { verifyLog } from '../../src/guard/log/verify-log.js';
import { type FileCall, watchFileCalls } from '../redact/faults/file-calls.js';
import { inLogFolder, type MadeLog } from './made-log.js';

const error = (code: string) => Object.assign(new Error(`${code}: of a test`), { code });

interface Attempt {
  /** Calls for files in all. */
  calls: number;
  /** The call in whose place the fault was. */
  failed: string;
  /** Events whose `append` has returned. */
  written: string[];
}

/** Opens a log of two entries and appends two; `fault` is called with the number of each call for a file. */
async function attempt(made: MadeLog, fault: (index: number, call: FileCall) => void): Promise<Attempt> {
  made.build(2);
  const tried: Attempt = { calls: 0, failed: '', written: [] };
  const end = watchFileCalls(made.folder, (call) => {
    const index = tried.calls++;
    try {
      fault(index, call);
    } catch (thrown) {
      tried.failed ||= `${call.name} ${basename(call.path)}`;
      throw thrown;
    }
  });
  let log: GuardLog | undefined;
  try {
    log = await made.open();
    for (const event of ['a', 'b'])
      await log.append({ event }).then(
        () => tried.written.push(event),
        (thrown: { exit: number }) => expect(thrown).toMatchObject({ exit: 3 }),
      );
  } catch (thrown) {
    expect({ ...tried, thrown }).toMatchObject({ thrown: { exit: 3 } });
  } finally {
    end();
  }
  return tried;
}

/** The log opens once more, holds what was written, and goes on. */
async function requireWhole(made: MadeLog, { failed, written }: Attempt): Promise<string[]> {
  const log = await made.open();
  const events: string[] = [];
  for await (const { event } of log.entries()) if (event !== 'taken') events.push(event);
  await log.append({ event: 'next' });
  log.close();
  expect({ failed, missing: written.filter((event) => !events.includes(event)) }).toEqual({
    failed,
    missing: [],
  });
  expect({ failed, events: [...new Set(events)] }).toEqual({ failed, events });
  const result = await verifyLog({
    log: made.file('log.jsonl'),
    key: made.key,
    since: made.heads.join('\n'),
  });
  expect({ failed, result }).toMatchObject({ failed, result: { verified: true, problems: [] } });
  return events;
}

/** Runs a fault in place of each call, and those after it. Returns how many calls there were. */
async function inEachPlace(
  fault: (call: FileCall, isLater: boolean) => void,
  check: (made: MadeLog, tried: Attempt) => Promise<void>,
): Promise<number> {
  for (let place = 0; ; place++) {
    let calls = 0;
    await inLogFolder(async (made) => {
      const end = watchFileCalls(made.folder, () => {});
      const tried = await attempt(made, (index, call) => {
        if (index >= place) fault(call, index > place);
      });
      calls = tried.calls;
      await check(made, tried);
      end();
    });
    if (place >= calls) return calls;
  }
}

describe('a fault in place of any call', () => {
  test('a kill: nothing that was written is lost, at most one entry is there without an answer', async () => {
    const calls = await inEachPlace(
      () => {
        throw error('EIO');
      },
      async (made, tried) => {
        const events = await requireWhole(made, tried);
        expect(events.length - tried.written.length).toBeLessThanOrEqual(1);
      },
    );
    expect(calls).toBeGreaterThan(40);
  });

  test('a full disk, in the middle of a line too: the entry is not there, and the next is', async () => {
    const calls = await inEachPlace(
      ({ name, path }, isLater) => {
        if (isLater || !['write', 'open', 'rename', 'fsync', 'fdatasync'].includes(name)) return;
        if (name === 'write') fs.appendFileSync(path, '{"seq":');
        throw error('ENOSPC');
      },
      async (made, tried) => {
        const events = await requireWhole(made, tried);
        const isPublished = /^rename log\.head\.new/.test(tried.failed);
        // Where the signature is replaced and the head is not, the entry is signed: it counts.
        expect({ ...tried, events }).toMatchObject({
          events: isPublished ? [...tried.written, expect.anything()] : tried.written,
        });
      },
    );
    expect(calls).toBeGreaterThan(40);
  });
});
