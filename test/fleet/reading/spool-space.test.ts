import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { type Reservation, SpoolSpace } from '../../../fleet/src/reading/spool-space.js';
import '../listed.js';

/** Names of requests in the order in which they are granted. */
function tracked(most: number) {
  const space = new SpoolSpace(most);
  const granted: string[] = [];
  const held = new Map<string, Reservation>();
  const ask = (name: string, bytes: number, signal?: AbortSignal): Promise<void> =>
    space.reserve(bytes, signal).then((reservation) => {
      granted.push(name);
      held.set(name, reservation);
    });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const release = async (name: string) => {
    held.get(name)?.release();
    await turn();
  };
  return { space, granted, ask, release, turn };
}

describe('space of a spool', () => {
  test('is granted up to its bytes, and again once it was released', async () => {
    const { space, granted, ask, release, turn } = tracked(100);
    for (const [name, bytes] of [
      ['a', 60],
      ['b', 40],
      ['c', 30],
      ['d', 30],
    ] as const)
      void ask(name, bytes);
    await turn();
    expect(granted).toEqual(['a', 'b']);
    expect(space.used).toBe(100);
    await release('b');
    await release('b');
    expect(granted).toEqual(['a', 'b', 'c']);
    await release('a');
    expect(granted).toEqual(['a', 'b', 'c', 'd']);
    await release('c');
    await release('d');
    expect(space.used).toBe(0);
  });

  test('lets small ones pass a large one that waits, unless they would delay it', async () => {
    const { granted, ask, release, turn } = tracked(100);
    void ask('first', 50);
    void ask('large', 90);
    for (let i = 0; i < 4; i++) void ask(`small${i}`, 5);
    void ask('middle', 30);
    await turn();
    expect(granted).toEqual(['first', 'small0', 'small1']);
    await release('first');
    expect(granted).toEqual(['first', 'small0', 'small1', 'large']);
    await release('small0');
    expect(granted.slice(4)).toEqual(['small2']);
    await release('large');
    expect(granted.slice(5)).toEqual(['small3', 'middle']);
  });

  test('refuses more than there can be, and forgets who gives up', async () => {
    const { space, granted, ask, release } = tracked(100);
    await expect(ask('huge', 101)).rejects.toMatchObject({ code: 'dump-exceeds-spool', exit: 2 });
    void ask('a', 100);
    const abort = new AbortController();
    const waiting = ask('b', 100, abort.signal);
    const behind = ask('c', 50);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await release('a');
    await behind;
    expect(granted).toEqual(['a', 'c']);
    expect(space.used).toBe(50);
  });

  test('is never above its bytes, and every request is granted in the end', async () => {
    const random = new SeededRandom('spool');
    const { space, granted, ask, release, turn } = tracked(1000);
    const names = Array.from({ length: 300 }, (_, i) => `dump${i}`);
    const asked = names.map((name) =>
      ask(name, random.below(10) === 0 ? 1000 - random.below(3) : random.below(200)),
    );
    const released = new Set<string>();
    while (released.size < names.length) {
      await turn();
      expect(space.used).toBeLessThanOrEqual(1000);
      const open = granted.filter((name) => !released.has(name));
      expect(open.length).toBeGreaterThan(0);
      const name = open[random.below(open.length)]!;
      released.add(name);
      await release(name);
    }
    await Promise.all(asked);
    expect(space.used).toBe(0);
  });
});
