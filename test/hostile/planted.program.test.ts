import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Scanner } from '../../src/index.js';
import { describeWith } from '../support/describe.js';
import { missed, PLANTED, plant, scanned } from './planted-containers.js';

/** Changed containers of each kind. More: planted.slow.test.ts and `node dist/bench/container-damage.js`. */
const COUNT = 3;

/** A container of a kind with some bytes changed. */
interface Damage {
  name: string;
  kind: string;
  change(bytes: Buffer): Buffer;
  /** True if the secret is in what is searched all the same. */
  isFound: boolean;
}

/** Writes a number at an offset behind the last of a magic. */
const writes =
  (magic: string, at: number, value: number, bytes: 1 | 2 | 4) =>
  (whole: Buffer): Buffer => {
    whole.writeUIntLE(value, whole.lastIndexOf(magic, undefined, 'latin1') + at, bytes);
    return whole;
  };
const cut = (bytes: number) => (whole: Buffer) => whole.subarray(0, -bytes);
const LOCAL = 'PK\x03\x04';
const CENTRAL = 'PK\x01\x02';

const DAMAGES: readonly Damage[] = [
  { name: 'another method in the local header', kind: 'zip', change: writes(LOCAL, 8, 0, 2), isFound: true },
  { name: 'another method in the directory', kind: 'zip', change: writes(CENTRAL, 10, 0, 2), isFound: false },
  { name: 'another method: deflate', kind: 'zip, stored', change: writes(CENTRAL, 10, 8, 2), isFound: true },
  { name: 'another size in the local header', kind: 'zip', change: writes(LOCAL, 18, 9, 4), isFound: true },
  { name: 'another size in the directory', kind: 'zip', change: writes(CENTRAL, 20, 9, 4), isFound: false },
  { name: 'no size in the directory', kind: 'zip, stored', change: noSize, isFound: true },
  {
    name: 'another name in the local header',
    kind: 'zip',
    change: writes(LOCAL, 30, 0x58, 1),
    isFound: true,
  },
  { name: 'another name in the directory', kind: 'zip', change: writes(CENTRAL, 46, 0x58, 1), isFound: true },
  { name: 'a wrong CRC', kind: 'zip, stored', change: writes(LOCAL, 40, 0x58, 1), isFound: true },
  { name: 'a damaged block magic', kind: 'bzip2', change: writes('BZh', 6, 0x58, 1), isFound: false },
  { name: 'a damaged magic of text', kind: 'bzip2', change: writes('BZh', 4, 0x32, 1), isFound: false },
  { name: 'a damaged offset of files', kind: 'cab', change: writes('MSCF', 16, 60, 4), isFound: false },
  { name: 'a damaged number of files', kind: 'cab', change: writes('MSCF', 28, 7, 2), isFound: false },
  { name: 'a damaged number of folders', kind: 'cab', change: writes('MSCF', 26, 0, 2), isFound: false },
  { name: 'damaged reserved bytes', kind: 'cab', change: writes('MSCF', 5, 1, 1), isFound: false },
  ...['newc', 'odc'].flatMap((format): Damage[] => {
    const kind = `cpio, ${format}, compressed members`;
    return [
      { name: 'a cut end', kind, change: (whole) => whole.subarray(0, end(whole)), isFound: true },
      { name: 'a cut name', kind, change: (whole) => whole.subarray(0, end(whole) + 4), isFound: true },
      { name: 'a cut member', kind, change: cut(700), isFound: false },
    ];
  }),
  { name: 'a cut end', kind: 'cpio, bin', change: (whole) => whole.subarray(0, end(whole)), isFound: true },
];

function noSize(bytes: Buffer): Buffer {
  writes(CENTRAL, 20, 0, 4)(bytes);
  return writes(CENTRAL, 24, 0, 4)(bytes);
}

const end = (cpio: Buffer): number => cpio.indexOf('TRAILER!!!');

const TOOLS = ['xz', '7z', 'cpio', 'zip', 'gzip', 'gcab', 'python3'] as const;
describeWith([...TOOLS], 'containers with a secret in a member', () => {
  let scanner: Scanner;
  beforeAll(async () => {
    scanner = await Scanner.open({ jobs: 1 });
  });
  afterAll(() => scanner.close());

  test.each(PLANTED)('$name: found, and never missed in a changed one', async (kind) => {
    expect(await scanned(scanner, plant(kind))).toMatchObject({ isFound: true });
    expect(await missed(scanner, kind, COUNT)).toEqual([]);
  });

  test('the stored bytes of a large member are searched where they cannot be decoded', async () => {
    const kind = {
      name: 'zip, large',
      python:
        'import zipfile, os; z = zipfile.ZipFile("OUT", "w"); ' +
        'z.writestr("secret", os.urandom(3000000) + open("secret", "rb").read()); z.close()',
      fields: () => [],
    };
    const whole = plant(kind);
    expect(await scanned(scanner, whole)).toEqual({ isFound: true, isIncomplete: false });
    for (const [magic, at] of [
      [LOCAL, 8],
      [CENTRAL, 10],
    ] as const)
      writes(magic, at, 8, 2)(whole);
    const paths: string[] = [];
    for await (const event of scanner.scan({ name: 'planted', bytes: whole }))
      if (event.type === 'finding') paths.push(event.location.path);
    expect(paths).toEqual(['planted!secret!(stored)']);
  });

  test('a member that is a container is not decoded twice', async () => {
    const whole = plant(PLANTED.find(({ name }) => name === 'zip, bzip2')!);
    const paths: string[] = [];
    for await (const event of scanner.scan({ name: 'planted', bytes: writes('BZh', 400, 0x58, 2)(whole) }))
      if (event.type === 'artifact') paths.push(event.path);
    expect(paths).toEqual(['planted', 'planted!other', 'planted!secret', 'planted!secret!(stored)']);
  });

  test.each(DAMAGES)('$kind with $name is incomplete', async ({ kind, change, isFound }) => {
    const whole = plant(PLANTED.find(({ name }) => name === kind)!);
    expect(await scanned(scanner, change(whole))).toEqual({ isFound, isIncomplete: true });
  });
});
