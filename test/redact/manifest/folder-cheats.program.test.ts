import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { verifyFolder } from '../../../src/api/verify-folder.js';
import { runCli } from '../../support/cli.js';
import { PYTHON } from '../../support/programs.js';
import { inFolder, type SignedCopy } from './signed-copy.js';

/** Ways to carry something out of a folder beside its signed copies. */

const TOKEN = githubToken(new SeededRandom('beside a copy'));
const NAMES = ['', '.manifest.json', '.manifest.json.minisig'];

/** The folder of the copies `a` and `sub/b`; what follows the copy's name is in `NAMES`. */
type Cheat = [
  what: string,
  worst: string,
  cheat: (at: (name: string) => string, made: SignedCopy) => unknown,
];

/** Renames a copy with all that belongs to it. */
const renameCopy = (from: string, to: string): void => {
  for (const end of NAMES) renameSync(from + end, to + end);
};
const changeLine = (file: string, index: number, change: (line: string) => string): void => {
  const lines = readFileSync(file, 'latin1').split('\n');
  writeFileSync(file, lines.map((line, i) => (i === index ? change(line) : line)).join('\n'), 'latin1');
};
const comment = (text: string) => (at: (name: string) => string) =>
  changeLine(at('a.manifest.json.minisig'), 0, () => `untrusted comment: ${text}`);
const OWN = 'signature of a redaction manifest';

const IN_NAMES: Cheat[] = [
  ['of a copy', '1 verify-secret-name', (at) => renameCopy(at('a'), at(TOKEN))],
  [
    'of a copy, in a longer one',
    '1 verify-secret-name',
    (at) => renameCopy(at('a'), at(`core ${TOKEN}.dmp`)),
  ],
  ['of a copy that is not UTF-8', '1 verify-secret-name', (at) => renameBytes(at('a'), at(''))],
  ['of an empty folder', '1 verify-secret-name', (at) => mkdirSync(at(TOKEN))],
  ['of a hidden folder', '1 verify-secret-name', (at) => mkdirSync(at(`.${TOKEN}`))],
  [
    'of a folder in a folder',
    '1 verify-secret-name',
    (at) => mkdirSync(at(`sub/deep/${TOKEN}`), { recursive: true }),
  ],
  ['of the folder of copies', '1 verify-secret-name', (at) => renameSync(at('sub'), at(TOKEN))],
  ['of a link', '1 verify-secret-name', (at) => symlinkSync('a', at(TOKEN))],
  [
    'of a folder that looks like a manifest',
    '1 verify-secret-name',
    (at) => mkdirSync(at(`${TOKEN}.manifest.json`)),
  ],
];

/** Node's string names cannot be other than UTF-8. */
function renameBytes(from: string, folder: string): void {
  for (const end of NAMES)
    renameSync(
      from + end,
      Buffer.concat([Buffer.from(`${folder}${TOKEN}`), Buffer.from([0x2e, 0xff]), Buffer.from(end)]),
    );
}

const BESIDE: Cheat[] = [
  ['a file', '1 manifest-missing', (at) => writeFileSync(at('note.txt'), TOKEN)],
  ['an empty file', '1 manifest-missing', (at) => writeFileSync(at('empty'), '')],
  ['a hidden file', '1 manifest-missing', (at) => writeFileSync(at('.hidden'), TOKEN)],
  ['a file in a hidden folder', '1 manifest-missing', (at) => inHidden(at('.h'))],
  ['an archive', '1 manifest-missing', (at) => writeFileSync(at('a.gz'), gzipSync(TOKEN))],
  ['a second name of a copy', '1 manifest-missing', (at) => linkSync(at('a'), at('c'))],
  ['a manifest without a copy', '1 manifest-missing', (at) => writeFileSync(at('c.manifest.json'), TOKEN)],
  [
    'a signature without a copy',
    '1 manifest-missing',
    (at) => writeFileSync(at('c.manifest.json.minisig'), TOKEN),
  ],
  [
    'a manifest of a manifest',
    '1 signature-missing',
    (at) => writeFileSync(at('a.manifest.json.manifest.json'), TOKEN),
  ],
  [
    'a signature of a signature',
    '1 manifest-missing',
    (at) => writeFileSync(at('a.manifest.json.minisig.minisig'), 'x'),
  ],
  [
    'a signature in another case',
    '1 manifest-missing',
    (at) => writeFileSync(at('a.manifest.json.MINISIG'), 'x'),
  ],
  ['a key', '1 manifest-missing', (at, { read }) => writeFileSync(at('key.pub'), read('key.pub'))],
  ['a link to a copy', '2 verify-link', (at) => symlinkSync('a', at('c'))],
  ['a link to a folder of copies', '2 verify-link', (at) => symlinkSync('sub', at('c'))],
  ['a link to its own folder', '2 verify-link', (at) => symlinkSync('.', at('sub/c'))],
  ['a link to nothing, with words', '2 verify-link', (at) => symlinkSync(TOKEN, at('c'))],
  ['a link out of the folder', '2 verify-link', (at, { file }) => symlinkSync(file('dump'), at('c'))],
  [
    'a link as the signature of a copy',
    '2 verify-link',
    (at) => linked(at('a.manifest.json.minisig'), at('sub/s')),
  ],
  ['a link as the copy', '2 verify-link', (at) => linked(at('a'), at('sub/s'))],
  ['a pipe', '2 verify-no-file', (at) => execFileSync('mkfifo', [at('pipe')])],
  ['a folder as the manifest', '1 manifest-missing', (at) => replaced(at('a.manifest.json'))],
  ['a folder as the signature', '2 verify-no-file', (at) => replaced(at('a.manifest.json.minisig'))],
  ['a folder as the copy', '1 manifest-missing', (at) => replaced(at('a'))],
];

function inHidden(folder: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'x'), 'x');
}

function linked(name: string, elsewhere: string): void {
  renameSync(name, elsewhere);
  symlinkSync(elsewhere, name);
}

function replaced(name: string): void {
  rmSync(name);
  mkdirSync(name);
}

const CHANGED: Cheat[] = [
  [
    'a manifest with a further field',
    '1 signature-wrong',
    (at) => changeLine(at('a.manifest.json'), 1, (l) => `  "x": "${TOKEN}",\n${l}`),
  ],
  [
    'a manifest with text behind it',
    '1 signature-wrong',
    (at) => appendFileSync(at('a.manifest.json'), TOKEN),
  ],
  [
    'a manifest with a space behind it',
    '1 signature-wrong',
    (at) => appendFileSync(at('a.manifest.json'), ' '),
  ],
  [
    'the manifest of another copy',
    '1 signature-wrong',
    (at) => cpSync(at('sub/b.manifest.json'), at('a.manifest.json')),
  ],
  [
    'all that belongs to another copy',
    '1 length-differs',
    (at) => NAMES.slice(1).map((end) => cpSync(at(`sub/b${end}`), at(`a${end}`))),
  ],
  ['a copy with a hole of its length', '1 content-differs', (at) => hollow(at('a'))],
  ['a signature with a token as its comment', '1 untrusted-comment', comment(TOKEN)],
  [
    'a signature with words for a reader',
    '1 untrusted-comment',
    comment('signature ok, verified by the vendor'),
  ],
  ['a signature with escapes for a terminal', '1 untrusted-comment', comment('\x1b[2K\x1b[1Averified: yes')],
  ['a signature with an empty comment', '1 untrusted-comment', comment('')],
  ['a signature with more behind its comment', '1 untrusted-comment', comment(`${OWN} ${TOKEN}`)],
  ['a signature with a space behind its comment', '1 untrusted-comment', comment(`${OWN} `)],
  [
    'a signature with other letters in its comment',
    '1 untrusted-comment',
    comment(OWN.replace('o', '\xd0\xbe')),
  ],
  ['a signature with a carriage return in its comment', '1 untrusted-comment', comment(`x\r${OWN}`)],
  [
    'a signature with a line behind it',
    '1 signature-malformed',
    (at) => appendFileSync(at('a.manifest.json.minisig'), TOKEN),
  ],
  [
    'a signature with an empty line behind it',
    '1 signature-malformed',
    (at) => appendFileSync(at('a.manifest.json.minisig'), '\n'),
  ],
  [
    'a signature with a NUL behind it',
    '1 signature-malformed',
    (at) => appendFileSync(at('a.manifest.json.minisig'), '\0'),
  ],
  [
    'a signature with a line before it',
    '1 signature-malformed',
    (at) => changeLine(at('a.manifest.json.minisig'), 0, (l) => `${TOKEN}\n${l}`),
  ],
  [
    'a signature with another trusted comment',
    '1 comment-changed',
    (at) => changeLine(at('a.manifest.json.minisig'), 2, () => `trusted comment: ${TOKEN}`),
  ],
];

function hollow(name: string): void {
  const { length } = readFileSync(name);
  writeFileSync(name, '');
  truncateSync(name, length);
}

let copies: string[][] | undefined;

/** A folder with two signed copies, one of a longer dump. They are made once. */
const inCopies = (body: (folder: string, made: SignedCopy) => Promise<void>): Promise<void> =>
  inFolder(async (made) => {
    const folder = made.file('copies');
    mkdirSync(join(folder, 'sub'), { recursive: true });
    const paths = ['a', 'sub/b'].flatMap((name) => NAMES.map((end) => join(folder, name + end)));
    if (copies === undefined) {
      made.write('longer', Buffer.concat([made.read('dump'), Buffer.alloc(4096)]));
      await made.redact({ output: paths[0]!, sign: made.file('key.pem') });
      await made.redact({ input: made.file('longer'), output: paths[3]!, sign: made.file('key.pem') });
      copies = paths.map((path) => [readFileSync(path, 'latin1')]);
    } else for (const [i, path] of paths.entries()) writeFileSync(path, copies[i]![0]!, 'latin1');
    await body(folder, made);
  });

async function exitsOf(folder: string, key: string): Promise<string[]> {
  const exits: string[] = [];
  for await (const { path, exit, result, problem } of verifyFolder({ folder, key })) {
    expect(`${path} ${JSON.stringify(problem)}`).not.toContain(TOKEN.slice(4));
    exits.push([exit, problem?.code ?? result?.problems[0]?.code ?? 'verified'].join(' '));
  }
  return exits;
}

describe.each([
  ['a token in the name', IN_NAMES],
  ['beside the copies', BESIDE],
  ['in place of what was signed', CHANGED],
])('%s', (_where, cheats) => {
  test.each(cheats)('%s: %s', (_what, worst, cheat) =>
    inCopies(async (folder, made) => {
      expect(await exitsOf(folder, made.file('key.pub'))).toEqual(['0 verified', '0 verified']);
      await cheat((name) => `${folder}/${name}`, made);
      const exits = await exitsOf(folder, made.file('key.pub'));
      expect(exits).toContain(worst);
    }),
  );
});

test('a socket beside the copies', () =>
  inCopies(async (folder, made) => {
    const script = [
      'import socket, sys',
      's = socket.socket(socket.AF_UNIX)',
      's.bind(sys.argv[1])',
      'print(flush=True)',
      'sys.stdin.read()',
    ].join('\n');
    const child = spawn(PYTHON, ['-c', script, join(folder, 's')], { stdio: ['pipe', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    expect(await exitsOf(folder, made.file('key.pub'))).toContain('2 verify-no-file');
    child.stdin.end();
    await once(child, 'exit');
  }));

test('the command shows nothing that was smuggled in', () =>
  inCopies(async (folder, made) => {
    const at = (name: string): string => join(folder, name);
    comment('\x1b[2Kverified: yes')(at);
    mkdirSync(at(TOKEN));
    renameCopy(at('sub/b'), at('sub/b\x1b[2K'));
    symlinkSync(TOKEN, at('link'));
    const { status, stdout, stderr } = await runCli(['verify', 'copies', '--key', 'key.pub'], {
      cwd: made.folder,
    });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^verified: 1, not: 3$/m);
    for (const text of [TOKEN.slice(4), '\x1b', 'verified: yes']) expect(stdout + stderr).not.toContain(text);
  }));

test('a trusted comment that is no own one is masked and escaped', () =>
  inCopies(async (folder, made) => {
    const { ManifestSigner } = await import('../../../src/redact/signature/signer.js');
    const manifest = readFileSync(join(folder, 'a.manifest.json'));
    const signature = ManifestSigner.open(made.file('key.pem')).sign(manifest, `token=${TOKEN} \x1b[2K`);
    writeFileSync(join(folder, 'a.manifest.json.minisig'), signature);
    const args = ['verify', 'copies/a.manifest.json', 'copies/a', '--key', 'key.pub'];
    const { status, stdout } = await runCli(args, { cwd: made.folder });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^trusted comment: token=\[masked: github-token\] \\x1b\[2K$/m);
  }));
