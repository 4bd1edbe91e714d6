import { expect, test } from '@jest/globals';
import { milliseconds } from '../../src/core/base/runtime/clock.js';
import { SearchClock } from '../../src/search/core/search-clock.js';

const pass = (time: number) => {
  const end = milliseconds() + time;
  while (milliseconds() < end);
};

const timesOf = (clock: SearchClock) => Object.fromEntries(clock.times);

test('a search within another one has its own time, and neither has that of the consumer', () => {
  const clock = new SearchClock();
  function* inner() {
    pass(30);
    yield 1;
    return 'returned';
  }
  function* outer() {
    pass(10);
    const result = yield* clock.each('rsa-known-crt', inner());
    expect(result).toBe('returned');
    pass(10);
  }
  for (const each of clock.each('rsa-known-primes', outer())) {
    expect(each).toBe(1);
    pass(200);
  }
  const { 'rsa-known-primes': own, 'rsa-known-crt': within } = timesOf(clock);
  expect(own).toBeGreaterThan(19);
  expect(within).toBeGreaterThan(29);
  expect(own! + within!).toBeLessThan(200);
});

test('a search that throws or is left ends, and what was measured elsewhere is added', () => {
  const clock = new SearchClock();
  let isClosed = false;
  function* endless() {
    try {
      for (;;) yield 1;
    } finally {
      isClosed = true;
    }
  }
  for (const _ of clock.each('curve25519', endless())) break;
  expect(isClosed).toBe(true);
  const fail = () => {
    throw new Error('failed');
  };
  expect(() => clock.time('ec-scalars', fail)).toThrow('failed');
  clock.add([
    ['aes-schedules', 5],
    ['aes-schedules', 7],
  ]);
  pass(50);
  clock.time('ecdsa-nonces', () => {});
  const { curve25519, 'ec-scalars': scalars, 'aes-schedules': schedules } = timesOf(clock);
  expect(curve25519! + scalars!).toBeLessThan(50);
  expect(schedules).toBe(12);
});
