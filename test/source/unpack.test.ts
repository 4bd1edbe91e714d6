import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { memoryStorage } from '../../src/core/base/bytes/storage.js';
import { LeftOut } from '../../src/source/selection.js';
import { Sources, type Tuning } from '../../src/source/sources.js';
import { SpoolMemory } from '../../src/source/spool.js';
import { EXPANSION, LARGE, Lease } from '../../src/source/stored-bytes.js';
import type { GivenSource, OpenedSource, SourceEvent } from '../../src/source/types.js';
import { unpack } from '../../src/source/unpack.js';
import { chunksOf, readAll, sample } from './collect.js';

const OPTIONS = { follow: false, ifNoFiles: 'warn' } as const;

async function only(events: AsyncIterable<SourceEvent>): Promise<OpenedSource> {
  const all: SourceEvent[] = [];
  for await (const event of events) all.push(event);
  const [event] = all;
  if (all.length !== 1 || event?.type !== 'opened') throw new Error(JSON.stringify(all));
  return event;
}

const openOne = (bytes: GivenSource['bytes'], signal?: AbortSignal, tuning: Tuning = {}) =>
  only(new Sources([{ name: 'core.gz', bytes }], { ...OPTIONS, ...(signal && { signal }) }, tuning).open());

const core = sample(50_000);
const NOT_READ = { reason: 'its content was not read: the scan was stopped' };

test('an abort while it is looked up what is selected closes the bytes, and leaves nothing out', async () => {
  const abort = new AbortController();
  let closed = 0;
  const bytes = gzipSync(core);
  const leftOut = new LeftOut();
  const stored = {
    ...{ path: 'core.gz', live: false, lease: new Lease(() => closed++) },
    storage: memoryStorage(bytes),
    selected: { itself: false, inside: false, leftOut },
  };
  const context = { budget: new SpoolMemory(), expansion: EXPANSION, large: LARGE, fifoLooks: 1 };
  const open = () => unpack(stored, { ...context, signal: abort.signal });
  expect(await open()).toBeUndefined();
  expect([...leftOut.notice('all')]).toHaveLength(1);
  expect(closed).toBe(1);
  stored.selected.leftOut = new LeftOut();
  const opened = open();
  abort.abort('enough');
  await expect(opened).rejects.toBe('enough');
  expect([...stored.selected.leftOut.notice('all')]).toEqual([]);
  expect(closed).toBe(2);
});

describe('an opened source', () => {
  test('is asked for what is inside, level by level', async () => {
    const outer = await openOne(gzipSync(gzipSync(core)));
    const middle = await only(outer.inside());
    const inner = await only(middle.inside());
    expect(readAll(inner.artifact!.storage).equals(core)).toBe(true);
    for await (const event of inner.inside()) throw new Error(event.type);
    const names = [outer, middle, inner].map(({ artifact }) => artifact!.path);
    expect(names).toEqual(['core.gz', 'core.gz!core', 'core.gz!core!core']);
    for (const each of [outer, middle, inner]) {
      each.artifact!.close();
      each.close();
    }
  });

  test.each([
    ['that was not asked for', false, [NOT_READ]],
    ['that was read', true, []],
  ])('reports content %s only after an abort', async (_what, asked, unread) => {
    for (const aborts of [true, false]) {
      const abort = new AbortController();
      const opened = await openOne(gzipSync(core), abort.signal);
      if (asked) (await only(opened.inside())).close();
      if (aborts) abort.abort();
      opened.close();
      expect(opened.artifact!.unread).toMatchObject(aborts ? unread : []);
    }
  });

  test('has large content, which is inside unless it becomes an artifact', async () => {
    const opened = await openOne(gzipSync(core), undefined, { large: 1 });
    expect(opened.content!.head.length).toBe(core.length);
    const inside = await only(opened.inside());
    expect(readAll(inside.artifact!.storage).equals(core)).toBe(true);
    for (const each of [inside, opened]) {
      each.artifact!.close();
      each.close();
    }

    const again = await openOne(gzipSync(core), undefined, { large: 1 });
    const content = again.content!;
    const artifact = content.toArtifact(content.openPageCache());
    for await (const event of again.inside()) throw new Error(event.type);
    content.giveUp();
    expect(content.artifact).toBeUndefined();
    expect((await only(again.inside())).artifact?.path).toBe(artifact.path);
    again.artifact!.close();
    again.close();
  });

  test('reports a stream whose content is empty', async () => {
    const opened = await openOne(chunksOf(gzipSync(''), 100));
    const content = await only(opened.inside());
    const notices: SourceEvent[] = [];
    for await (const event of content.inside()) notices.push(event);
    expect(notices).toMatchObject([{ notice: { code: 'empty-input', message: 'core.gz: nothing arrived' } }]);
  });
});
