import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { ScanEvent } from '../../src/core/model/report.js';
import { EventBatches } from '../../src/scan/child/event-batches.js';

const event = (text: string) => ({ type: 'warning', text }) as unknown as ScanEvent;

function gathered() {
  const sent: ScanEvent[][] = [];
  return { sent, batches: new EventBatches(async (events) => void sent.push(events)) };
}

describe('events of a scan', () => {
  test('go in messages of at most 16, in their order', async () => {
    const { sent, batches } = gathered();
    const events = Array.from({ length: 40 }, (_, i) => event(`${i}`));
    for (const each of events) await batches.add(each);
    await batches.flush();
    expect(sent.map((message) => message.length)).toEqual([16, 16, 8]);
    expect(sent.flat()).toEqual(events);
  });

  test('go at once when they are large', async () => {
    const { sent, batches } = gathered();
    await batches.add(event('small'));
    await batches.add(event('x'.repeat(64 * 1024)));
    expect(sent.map((message) => message.length)).toEqual([2]);
  });

  test('go after a moment when no more come', async () => {
    const { sent, batches } = gathered();
    await batches.add(event('alone'));
    expect(sent).toEqual([]);
    await sleep(200);
    expect(sent).toEqual([[event('alone')]]);
    await batches.flush();
    expect(sent).toHaveLength(1);
  });

  test('that cannot be sent end the scan with the next one', async () => {
    const batches = new EventBatches(() => Promise.reject(new Error('gone')));
    await batches.add(event('lost'));
    await sleep(100);
    for (let i = 0; i < 15; i++) await batches.add(event(`${i}`));
    await expect(batches.add(event('last'))).rejects.toThrow('gone');
  });
});
