import { expect, test } from '@jest/globals';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import type { Component } from '../../src/core/model/key-material.js';
import type { Occurrence } from '../../src/core/model/report.js';
import type { Copy } from '../../src/known/copy-matcher.js';
import { type CopyTarget, CopyTargets } from '../../src/known/copy-targets.js';

/** A target of a class, as those of --find are. */
class Collected implements CopyTarget {
  readonly finding = 'v1:one';
  readonly components: readonly Component[];
  readonly seen: unknown[] = [];

  constructor(components: readonly Component[]) {
    this.components = components;
  }

  onCopy(occurrence: Occurrence): void {
    this.seen.push(occurrence);
  }
}

const component = (name: string, byte: number): Component => ({
  name,
  value: new Secret(Uint8Array.from({ length: 32 }, (_, i) => (byte * 37 + i * 11) & 0xff)),
});

test('a target of --find to which a found key adds components still receives its copies', () => {
  const targets = new CopyTargets();
  const target = new Collected([component('d', 1)]);
  targets.add(target);
  targets.add({ finding: target.finding, components: [component('d', 1), component('seed', 2)] });
  const [group] = [...finish(collect(targets))];
  const [key] = group!.keys;
  expect(key!.components.map(({ name }) => name)).toEqual(['d', 'seed']);
  key!.onCopy?.({ artifact: 0 } as Occurrence, {} as Copy);
  expect(target.seen).toEqual([{ artifact: 0 }]);
});

function* collect(targets: CopyTargets) {
  const groups = [];
  for (const group of targets.groups()) if (group !== undefined) groups.push(group);
  yield;
  return groups;
}
