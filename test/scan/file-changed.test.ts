import fs from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { scanWithin } from '../../src/api/scan.js';
import type { ArtifactReport, ScanEvent, Summary } from '../../src/core/model/report.js';
import { rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';

/** A dump with a key that is proven in the first sweep, and a copy of its prime for the second. */
const key = rsaFrom('changed', 2048);
const prime = Buffer.from(key.export({ format: 'jwk' }).p!, 'base64url').reverse();
const dump = Buffer.concat([
  Buffer.from(key.export({ format: 'pem', type: 'pkcs8' }) as string),
  Buffer.alloc(4096 - 7),
  prime,
  Buffer.alloc(4096),
]);

/** The dump is at `file`; the scan names `link`, which leads to it. */
interface Place {
  folder: string;
  file: string;
  link: string;
}

type Change = (place: Place) => void;

const inPlace: Change = ({ file }) => {
  const fd = fs.openSync(file, 'r+');
  fs.writeSync(fd, 'X', dump.length - 1);
  fs.closeSync(fd);
};

function retarget({ link }: Place, target: string): void {
  fs.unlinkSync(link);
  fs.symlinkSync(target, link);
}

const CONTENT: readonly (readonly [how: string, change: Change])[] = [
  ['is appended to', ({ file }) => fs.appendFileSync(file, 'more')],
  ['is overwritten in place, with the same size', inPlace],
  ['is cut', ({ file }) => fs.truncateSync(file, dump.length - 1)],
  [
    'is cut and filled again',
    ({ file }) => {
      fs.truncateSync(file, 0);
      fs.writeFileSync(file, dump);
    },
  ],
  ['gets another time of modification', ({ file }) => fs.utimesSync(file, 5, 5)],
  [
    'is replaced by an equal file',
    ({ folder, file }) => {
      fs.writeFileSync(join(folder, 'other'), dump);
      fs.renameSync(join(folder, 'other'), file);
    },
  ],
  ['is removed', ({ file }) => fs.unlinkSync(file)],
  ['is renamed', ({ folder, file }) => fs.renameSync(file, join(folder, 'renamed'))],
];

const LINKS: readonly (readonly [how: string, change: Change])[] = [
  [
    'is led to an equal file',
    (place) => {
      fs.writeFileSync(join(place.folder, 'other'), dump);
      retarget(place, 'other');
    },
  ],
  [
    'is led to another name of its file',
    (place) => {
      fs.linkSync(place.file, join(place.folder, 'other'));
      retarget(place, 'other');
    },
  ],
  ['is removed', ({ link }) => fs.unlinkSync(link)],
];

const METADATA: readonly (readonly [how: string, change: Change])[] = [
  ['gets other permissions', ({ file }) => fs.chmodSync(file, 0o600)],
  ['gets a further name', ({ folder, file }) => fs.linkSync(file, join(folder, 'other'))],
  [
    'is overwritten and gets its time of modification back',
    (place) => {
      inPlace(place);
      fs.utimesSync(place.file, 1, 1);
    },
  ],
];

/** Calls of a sink: the first in the first sweep, the other in the sweep for copies. */
const MOMENTS = ['judged', 'copy'] as const;
type Moment = (typeof MOMENTS)[number];

interface Ended {
  artifacts: ArtifactReport[];
  summary: Summary;
}

interface Scan {
  moment: Moment;
  change?: Change;
  through?: 'file' | 'link';
  strict?: boolean;
  bytes?: Uint8Array;
  large?: number;
}

async function scanWhile(scan: Scan): Promise<Ended> {
  const { moment, change = () => {}, through = 'file', strict = false, bytes = dump, large } = scan;
  return withTempDir(async (folder) => {
    const place: Place = { folder, file: join(folder, 'core'), link: join(folder, 'link') };
    fs.writeFileSync(place.file, bytes, { mode: 0o644 });
    fs.utimesSync(place.file, 1, 1);
    fs.symlinkSync('core', place.link);
    afterTick(place);
    let changed = false;
    const act = (at: Moment): void => {
      if (at !== moment || changed) return;
      changed = true;
      change(place);
    };
    const sink = {
      artifact: () => {},
      judged: () => {
        act('judged');
        return true;
      },
      copy: () => act('copy'),
    };
    const events: ScanEvent[] = [];
    const tuning = large === undefined ? {} : { large };
    const options = { paths: [place[through]], exitZero: true, strict, jobs: 1 };
    for await (const event of scanWithin(options, { sinks: [sink], ...tuning })) events.push(event);
    expect(changed).toBe(true);
    return {
      artifacts: events.filter((event) => event.type === 'artifact'),
      summary: events.find((event) => event.type === 'summary')!,
    };
  });
}

/** Returns once the file system's clock has passed the last change of the file. */
function afterTick({ folder, file }: Place): void {
  const last = fs.statSync(file, { bigint: true }).ctimeNs;
  const probe = join(folder, 'probe');
  do fs.writeFileSync(probe, '');
  while (fs.statSync(probe, { bigint: true }).ctimeNs <= last);
}

const codesOf = ({ artifacts }: Ended): string[][] =>
  artifacts.map(({ warnings }) =>
    warnings.map(({ code }) => code).filter((code) => code.startsWith('file-')),
  );

const each = (rows: typeof CONTENT) =>
  rows.flatMap(([how, change]) => MOMENTS.map((moment) => [how, moment, change] as const));

(process.platform === 'win32' ? describe.skip : describe)('a file that, while it is scanned,', () => {
  test.each(MOMENTS)('does not change is complete (%s)', async (moment) => {
    const ended = await scanWhile({ moment, strict: true });
    expect(codesOf(ended)).toEqual([[]]);
    expect(ended.summary).toMatchObject({ exit: 0, complete: true });
  });

  test.each(each(CONTENT))('%s is incomplete (%s)', async (_how, moment, change) => {
    const ended = await scanWhile({ moment, change });
    expect(codesOf(ended)[0]!.length).toBeGreaterThan(0);
    expect(ended.summary).toMatchObject({ exit: 2, complete: false });
    for (const { message, hint } of ended.artifacts[0]!.warnings) {
      expect(message).toMatch(/:|grew|ended/);
      expect(hint).toBeTruthy();
    }
  });

  test.each(each(LINKS))('is reached by a link that %s is incomplete (%s)', async (_how, moment, change) => {
    const ended = await scanWhile({ moment, change, through: 'link' });
    expect(codesOf(ended)).toEqual([['file-changed']]);
    expect(ended.summary).toMatchObject({ exit: 2, complete: false });
  });

  test.each(each(METADATA))('%s is incomplete under --strict (%s)', async (_how, moment, change) => {
    for (const strict of [false, true]) {
      const ended = await scanWhile({ moment, change, strict });
      expect(codesOf(ended)).toEqual([['file-metadata-changed']]);
      expect(ended.summary).toMatchObject({ exit: strict ? 2 : 0, complete: !strict });
    }
  });

  test('holds content that is decoded again marks that content, if its own report is written', async () => {
    const bytes = gzipSync(dump);
    const change: Change = ({ file }) => fs.utimesSync(file, 5, 5);
    const ended = await scanWhile({ moment: 'copy', change, bytes, large: 64 });
    expect(ended.artifacts.map(({ path }) => path.split('/').at(-1))).toEqual(['core', 'core!core']);
    expect(codesOf(ended).at(-1)).toEqual(['file-changed']);
    expect(ended.summary).toMatchObject({ exit: 2, complete: false });
  });

  test('holds content that is spooled marks its container', async () => {
    const change: Change = ({ file }) => fs.utimesSync(file, 5, 5);
    const ended = await scanWhile({ moment: 'judged', change, bytes: gzipSync(dump) });
    expect(codesOf(ended)[0]).toEqual(['file-changed']);
    expect(ended.summary).toMatchObject({ exit: 2, complete: false });
  });
});
