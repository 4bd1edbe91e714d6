import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { program } from './programs.js';

/**
 * A stand-in for the image `node:22-slim` (Debian with Node and npm under /usr/local). Node and npm come from
 * the npm registry, the C and C++ libraries and the programs that a build calls from this machine's Debian.
 */

const run = promisify(execFile);

/** Major version of npm shipped with Node 22. */
const FROM_NPM = [`node-linux-${process.arch}@22`, 'npm@10'];

const PROGRAMS = ['sh', 'env', 'cat', 'cp', 'id', 'ln', 'ls', 'mkdir', 'rm', 'gzip', 'tar'];

const FOLDERS = [
  'etc',
  'home',
  'opt',
  'proc',
  'root',
  'sys',
  'dev',
  'tmp',
  'usr/bin',
  'usr/lib',
  'usr/lib64',
];

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n';
const GROUP = 'root:x:0:\nnode:x:1000:\n';

const CONTAINERFILE = `FROM scratch
COPY root /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["node"]
`;

/** Copies the target of a path, following links, to the same path under `root`. */
function copyInto(root: string, path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  cpSync(realpathSync(path), join(root, path));
}

/** Shared libraries of the programs, and all of Debian's C and C++ libraries, which Node addons need. */
async function librariesOf(programs: readonly string[]): Promise<Set<string>> {
  const linked = await run(program('ldd'), [...programs]);
  const packed = await run(program('dpkg'), ['-L', 'libc6', 'libstdc++6', 'libgcc-s1']);
  const paths = [
    ...linked.stdout.matchAll(/(\/\S+) \(0x/g),
    ...packed.stdout.matchAll(/^(\/.*\/(?:ld-|lib)[^/]*\.so[.\d]*)$/gm),
  ];
  return new Set(paths.map(([, path]) => path!));
}

/** Writes a folder from which the stand-in is built: its root file system and a Containerfile. */
export async function writeBaseImage(folder: string): Promise<void> {
  const [root, fetched] = [join(folder, 'root'), join(folder, 'fetched')];
  await run(program('npm'), ['install', '--no-save', '--ignore-scripts', '--prefix', fetched, ...FROM_NPM]);
  for (const name of FOLDERS) mkdirSync(join(root, name), { recursive: true, mode: 0o755 });
  chmodSync(join(root, 'tmp'), 0o1777);
  for (const name of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
  const local = join(root, 'usr/local');
  const node = join(local, 'bin/node');
  for (const name of ['bin', 'lib/node_modules']) mkdirSync(join(local, name), { recursive: true });
  renameSync(join(fetched, `node_modules/node-linux-${process.arch}/bin/node`), node);
  renameSync(join(fetched, 'node_modules/npm'), join(local, 'lib/node_modules/npm'));
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'));
  const programs = PROGRAMS.map(program);
  for (const [i, name] of PROGRAMS.entries()) cpSync(realpathSync(programs[i]!), join(root, 'usr/bin', name));
  for (const path of await librariesOf([node, ...programs])) copyInto(root, path);
  writeFileSync(join(root, 'etc/passwd'), PASSWD);
  writeFileSync(join(root, 'etc/group'), GROUP);
  mkdirSync(join(root, 'home/node'));
  chownSync(join(root, 'home/node'), 1000, 1000);
  writeFileSync(join(folder, 'Containerfile'), CONTAINERFILE);
}
