import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../../fixtures/dumps.js';
import { scan } from '../../support/scan.js';
import { program, scratch } from '../collect.js';
import { packed } from './archives.js';

const files = scratch();
afterAll(() => files.remove());

/** Findings of a file, with the path of what they are in, and what was not searched. */
async function search(name: string, bytes: Uint8Array) {
  const path = files.write(name, bytes);
  const findings: string[] = [];
  const unread: unknown[] = [];
  for await (const event of scan({ paths: [path], jobs: 1 })) {
    if (event.type === 'finding')
      findings.push(`${event.ruleId} ${event.confidence} ${event.location.offset} ${event.location.path}`);
    if (event.type === 'artifact') unread.push(...event.coverage.file.unread);
  }
  return { findings: findings.map((each) => each.replace(`${files.folder}/`, '')).sort(), unread };
}

const dump = fixtureDumps().find(({ name }) => name === 'signer.core')!.bytes;

const TOOLS: [string, string[]][] = [
  ['xz', ['-0', '-T2', '--block-size=1MiB']],
  ['lz4', ['-q', '-BD', '-B5']],
  ['bzip2', ['-1']],
  ['lz4', ['-q', '-l']],
  ['lzma', ['-0']],
];

/** Small: decoded first; large: swept while it is decoded in a thread. */
describe.each([
  ['small', dump],
  ['large', Buffer.concat([dump, randomBytes(2_200_000)])],
])('findings in a %s dump', (size, bytes) => {
  let plain: string[];
  beforeAll(async () => {
    plain = (await search('plain.core', bytes)).findings;
    expect(plain.length).toBeGreaterThan(0);
  });

  test.each(size === 'small' ? TOOLS : TOOLS.slice(0, 3))(
    'are those of the plain file: %s %j',
    async (tool, args) => {
      const suffix = { xz: 'xz', lz4: 'lz4', bzip2: 'bz2', lzma: 'lzma' }[tool];
      const name = `${size}.core.${suffix}`;
      const { findings, unread } = await search(name, program(tool, ['-c', ...args], bytes));
      expect(unread).toEqual([]);
      expect(findings).toEqual(plain.map((each) => each.replace('plain.core', `${name}!${size}.core`)));
    },
  );
});

test('members of a compressed archive', async () => {
  files.write('in/signer.core', dump);
  const tar = program('tar', ['-cf', '-', '-C', join(files.folder, 'in'), 'signer.core'], Buffer.alloc(0));
  const plain = (await search('plain.core', readFileSync(join(files.folder, 'in/signer.core')))).findings;
  for (const [name, tool] of [
    ['a.txz', 'xz'],
    ['a.tar.lz4', 'lz4'],
    ['a.tbz2', 'bzip2'],
  ] as const) {
    const { findings, unread } = await search(name, program(tool, ['-c'], tar));
    expect(unread).toEqual([]);
    expect(findings).toEqual(plain.map((each) => each.replace('plain.core', `${name}!signer.core`)));
  }
});

describe('content that is a container by its end, behind many other bytes', () => {
  const before = randomBytes(2_200_000);
  const archive = packed(files, { 'signer.core': dump }, 'zip', ['-q', '-', 'signer.core']);

  test.each<[string, string, string[]]>([
    ['sfx.xz', 'sfx.xz!signer.core', ['xz', '-0c']],
    ['sfx.zip', 'sfx.zip!sfx!signer.core', []],
  ])('a ZIP archive: %s', async (name, member, [tool, ...args]) => {
    const plain = (await search('plain.core', dump)).findings;
    const bytes = Buffer.concat([before, archive]);
    const outer = tool
      ? program(tool, args, bytes)
      : packed(files, { sfx: bytes }, 'zip', ['-q', '-', 'sfx']);
    const { findings, unread } = await search(name, outer);
    expect(unread).toEqual([]);
    expect(findings).toEqual(plain.map((each) => each.replace('plain.core', member)));
  });

  test('a damaged ZIP archive, and what has no decoder, are unread', async () => {
    const damaged = Buffer.from(archive);
    damaged[damaged.length >> 1]! ^= 1;
    const image = Buffer.concat([Buffer.from('koly'), Buffer.alloc(508)]);
    for (const end of [damaged, image]) {
      const { unread } = await search('end.xz', program('xz', ['-0c'], Buffer.concat([before, end])));
      expect(unread).toHaveLength(1);
    }
  });
});
