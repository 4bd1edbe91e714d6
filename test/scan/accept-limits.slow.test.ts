import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { scan } from '../../src/api/scan.js';
import { FORMATS, type ScanEvent } from '../../src/core/model/report.js';
import type { ScanOptions } from '../../src/core/options/check-options.js';
import { reporters } from '../../src/report/reporters.js';
import { shownText } from '../report/html-blocks.js';
import { withTempDir } from '../support/folder.js';

// Farther apart than the rule's window: each is examined by itself.
const PLACEHOLDER = `AKIA${'ABCDEFGHIJKLMNOP'}${'\0'.repeat(60)}`;
const { publicKey } = generateKeyPairSync('ed25519');

/** A scan of more placeholders than `--effort quick` examines. */
function scanned(options: Omit<ScanOptions, 'paths'>): Promise<ScanEvent[]> {
  return withTempDir(async (folder) => {
    const path = join(folder, 'flood');
    writeFileSync(path, PLACEHOLDER.repeat(12_600));
    const find = join(folder, 'asked.pem');
    writeFileSync(find, publicKey.export({ type: 'spki', format: 'pem' }));
    const named = options.find ? { ...options, find: [find] } : options;
    const events: ScanEvent[] = [];
    const rules = { only: ['aws-access-key-id'], jobs: 1 };
    for await (const event of scan({ paths: [path], ...rules, ...named })) events.push(event);
    return events;
  });
}

const only = <T extends ScanEvent['type']>(events: readonly ScanEvent[], type: T) =>
  events.filter((event): event is Extract<ScanEvent, { type: T }> => event.type === type);

const rows: [string, Omit<ScanOptions, 'paths'>, exit: number, accepted: true | undefined][] = [
  ['normal effort reaches no limit', {}, 0, undefined],
  ['quick does, and is incomplete', { effort: 'quick' }, 2, undefined],
  ['unless accepted', { effort: 'quick', acceptLimits: ['detect'] }, 0, true],
  ['under --strict too', { effort: 'quick', strict: true, acceptLimits: ['detect'] }, 0, true],
  ['another search may be accepted', { effort: 'quick', acceptLimits: ['ec-scalars'] }, 2, undefined],
  ['a target is asked for', { effort: 'quick', find: [''], acceptLimits: ['detect'] }, 2, undefined],
];

test.each(rows)('%s', async (_, options, exit, accepted) => {
  const events = await scanned(options);
  const [summary] = only(events, 'summary');
  expect(summary).toMatchObject({ exit, complete: exit === 0 });
  expect(only(events, 'run')[0]?.options.acceptLimits).toEqual(options.acceptLimits);
  const [artifact] = only(events, 'artifact');
  const limits = artifact!.coverage.limits.filter(({ search }) => search === 'detect');
  expect(limits.map((limit) => limit.accepted)).toEqual(options.effort ? [accepted] : []);
  for (const { results } of only(events, 'find')) expect(results).toMatchObject([{ complete: false }]);
  for (const format of FORMATS) {
    let text = '';
    const reporter = reporters[format](
      (part) => {
        text += part;
      },
      { color: false },
    );
    for (const event of events) reporter.event(event);
    reporter.end();
    const said = /accepted(": ?true| by |&#32;by|-limit")/.test(shownText(format, text));
    expect([format, said]).toEqual([format, accepted === true]);
  }
});

test('a wrong name is refused before anything is read', async () => {
  await expect(scan({ paths: ['none'], acceptLimits: ['detct'] }).next()).rejects.toMatchObject({
    code: 'unknown-limit',
    hint: 'did you mean detect?',
  });
});
