import { execFileSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { release, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { hasBreakpad } from './breakpad.js';

/** Something that an end-to-end test requires of the machine. */
interface Requirement {
  /** Debian packages that contain it; empty if none does. */
  packages: string[];
  found(): boolean;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Full path of a system program, from PATH and the administration folders; undefined if missing. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(executable);
}

/** Full path of a program that the test has named in `describeWith`. */
export function program(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed: name it in describeWith`);
  return path;
}

/** Path of a shared library in Debian's folders (/usr/lib/<architecture>-linux-gnu); undefined if missing. */
function findLibrary(name: string): string | undefined {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  return folders.map((folder) => join('/usr/lib', folder, name)).find((path) => existsSync(path));
}

/** Full path of a library that the test has named in `describeWith`. */
export function library(name: string): string {
  const path = findLibrary(name);
  if (path === undefined) throw new Error(`${name} is not installed: name it in describeWith`);
  return path;
}

/** Debian's own interpreter, which finds Debian's python3-cryptography. */
export const PYTHON = '/usr/bin/python3';

function succeeds(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
}

/** A module of Debian's Python. */
function pythonModule(name: string, module: string): Requirement {
  return { packages: [name], found: () => succeeds(PYTHON, ['-c', `import ${module}`]) };
}

function inPath(name: string, ...packages: string[]): Requirement {
  return { packages, found: () => findProgram(name) !== undefined };
}

/** Debian's own Rust, which builds with Debian's packages. */
export const CARGO = '/usr/bin/cargo';

/** Crashpad's handler from Debian's Chromium. */
export const CRASHPAD_HANDLER = '/usr/lib/chromium/chrome_crashpad_handler';

/** Folder of Debian's newest PostgreSQL server: initdb, postgres. Undefined if there is none. */
export function postgresPrograms(): string | undefined {
  const versions = '/usr/lib/postgresql';
  return (existsSync(versions) ? readdirSync(versions) : [])
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(versions, version, 'bin'))
    .find((folder) => executable(join(folder, 'initdb')) && executable(join(folder, 'postgres')));
}

/** The library by which VisualVM reads heap dumps. */
export const HEAP_LIBRARY = '/usr/share/visualvm/visualvm/modules/org-graalvm-visualvm-lib-jfluid-heap.jar';

/** A header of a development package. */
function header(name: string, ...packages: string[]): Requirement {
  const folders = ['/usr/include', '/usr/include/x86_64-linux-gnu', '/usr/include/aarch64-linux-gnu'];
  return { packages, found: () => folders.some((folder) => existsSync(join(folder, name))) };
}

/** Sources of a Rust library in a Debian package. */
function crate(name: string): Requirement {
  const registry = '/usr/share/cargo/registry';
  const found = () =>
    existsSync(registry) && readdirSync(registry).some((entry) => entry.replace(/-[0-9.]+$/, '') === name);
  return { packages: [`librust-${name}-dev`], found };
}

function compiles32Bit(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-m32-'));
  try {
    const source = join(folder, 'a.c');
    writeFileSync(source, '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n');
    return succeeds('gcc', ['-m32', '-o', join(folder, 'a'), source]) && succeeds(join(folder, 'a'), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * True if the kernel writes a core into the working folder of the process (core(5)), not into a pipe or
 * elsewhere.
 */
function writesCores(): boolean {
  const file = '/proc/sys/kernel/core_pattern';
  return existsSync(file) && /^core\b[^/]*$/.test(readFileSync(file, 'utf8').trim());
}

/** True if a test may change core_pattern: on a disposable machine only. */
function setsCorePattern(): boolean {
  const mine = process.env.DUMPSIEVE_ALL_TESTS === '1' && process.getuid?.() === 0;
  return mine && writesCores() && succeeds('test', ['-w', '/proc/sys/kernel/core_pattern']);
}

/** True if the kernel connects to a socket for each crash: from 6.16 on. */
function connectsForCores(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 16);
}

/** CRIU, where the kernel and the rights of this process let it work. */
function checkpoints(): boolean {
  const criu = findProgram('criu');
  return criu !== undefined && succeeds(criu, ['check']);
}

/** Private mount and network namespaces, as containers use them. */
function separates(): boolean {
  return succeeds('unshare', ['--mount', '--net', 'mount', '--bind', '/tmp', '/tmp']);
}

/** Secret memory: a kernel with CONFIG_SECRETMEM. 447: its number on every architecture. */
const secretMemory = (): boolean =>
  succeeds(PYTHON, ['-c', 'import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall(447, 0) < 0)']);

const table = {
  visualvm: { packages: ['visualvm'], found: () => existsSync(HEAP_LIBRARY) },
  breakpad: { packages: [], found: hasBreakpad },
  cargo: { packages: ['cargo'], found: () => executable(CARGO) },
  age: inPath('age', 'age'),
  bash: inPath('bash', 'bash'),
  '7z': inPath('7z', '7zip'),
  ar: inPath('ar', 'binutils'),
  base32: inPath('base32', 'coreutils'),
  bsdtar: inPath('bsdtar', 'libarchive-tools'),
  bzip2: inPath('bzip2', 'bzip2'),
  chroot: inPath('chroot', 'coreutils'),
  cpio: inPath('cpio', 'cpio'),
  'dpkg-deb': inPath('dpkg-deb', 'dpkg'),
  gcab: inPath('gcab', 'gcab'),
  lz4: inPath('lz4', 'lz4'),
  xz: inPath('xz', 'xz-utils'),
  zip: inPath('zip', 'zip'),
  strace: inPath('strace', 'strace'),
  buildah: inPath('buildah', 'buildah'),
  chromium: inPath('chromium', 'chromium'),
  chrome_crashpad_handler: { packages: ['chromium'], found: () => executable(CRASHPAD_HANDLER) },
  criu: { packages: ['criu'], found: checkpoints },
  dpkg: inPath('dpkg', 'dpkg'),
  fish: inPath('fish', 'fish'),
  'cl-ironclad': {
    packages: ['cl-ironclad'],
    found: () => existsSync('/usr/share/common-lisp/source/ironclad'),
  },
  'g++': inPath('g++', 'g++'),
  gcc: inPath('gcc', 'gcc', 'libc6-dev'),
  'gcc -m32': { packages: ['gcc-multilib'], found: compiles32Bit },
  gcore: inPath('gcore', 'gdb'),
  gdb: inPath('gdb', 'gdb'),
  go: inPath('go', 'golang-go'),
  guile: inPath('guile', 'guile-3.0'),
  gzip: inPath('gzip', 'gzip'),
  hexdump: inPath('hexdump', 'bsdextrautils'),
  ip: inPath('ip', 'iproute2'),
  java: inPath('java', 'default-jdk-headless'),
  'java 21': {
    packages: ['openjdk-21-jdk-headless'],
    found: () => existsSync('/usr/lib/jvm') && readdirSync('/usr/lib/jvm').some((name) => /-21-/.test(name)),
  },
  'libgnutls.so.30': {
    packages: ['libgnutls30t64'],
    found: () => findLibrary('libgnutls.so.30') !== undefined,
  },
  'libsodium.so.23': {
    packages: ['libsodium23'],
    found: () => findLibrary('libsodium.so.23') !== undefined,
  },
  memfd_secret: { packages: ['python3'], found: secretMemory },
  'lldb-19': inPath('lldb-19', 'lldb-19'),
  mandoc: inPath('mandoc', 'mandoc'),
  minisign: inPath('minisign', 'minisign'),
  mkfifo: inPath('mkfifo', 'coreutils'),
  namespaces: { packages: ['mount', 'util-linux'], found: separates },
  netavark: { packages: ['netavark'], found: () => executable('/usr/lib/podman/netavark') },
  nginx: inPath('nginx', 'nginx-light'),
  'obj2yaml-19': inPath('obj2yaml-19', 'llvm-19'),
  objcopy: inPath('objcopy', 'binutils'),
  od: inPath('od', 'coreutils'),
  openssl: inPath('openssl', 'openssl'),
  python3: { packages: ['python3'], found: () => executable(PYTHON) },
  postgresql: { packages: ['postgresql'], found: () => postgresPrograms() !== undefined },
  'python3-cryptography': pythonModule('python3-cryptography', 'cryptography'),
  'python3-django': pythonModule('python3-django', 'django'),
  'python3-ecdsa': pythonModule('python3-ecdsa', 'ecdsa'),
  'python3-flask': pythonModule('python3-flask', 'flask'),
  'python3-moto': {
    packages: ['python3-moto', 'python3-flask', 'python3-flask-cors'],
    found: () => succeeds(PYTHON, ['-c', 'import moto.server, flask, flask_cors']),
  },
  'python3-nacl': pythonModule('python3-nacl', 'nacl'),
  readelf: inPath('readelf', 'binutils'),
  'redis-server': inPath('redis-server', 'redis-server'),
  'ssh-keygen': inPath('ssh-keygen', 'openssh-client'),
  caddy: inPath('caddy', 'caddy'),
  dropbear: inPath('dropbear', 'dropbear-bin'),
  'gcrypt.h': header('gcrypt.h', 'libgcrypt20-dev'),
  'gnutls-serv': inPath('gnutls-serv', 'gnutls-bin'),
  gpg: inPath('gpg', 'gpg'),
  'gpg-agent': inPath('gpg-agent', 'gpg-agent'),
  haproxy: inPath('haproxy', 'haproxy'),
  javac: inPath('javac', 'default-jdk-headless'),
  jcmd: inPath('jcmd', 'default-jdk-headless'),
  'libcryptx-perl': {
    packages: ['libcryptx-perl'],
    found: () => succeeds('perl', ['-MCrypt::PK::ECC', '-e', '1']),
  },
  'librust-ring-dev': crate('ring'),
  'librust-rsa-dev': crate('rsa'),
  'bearssl.h': header('bearssl.h', 'libbearssl-dev'),
  'mbedtls/pk.h': header('mbedtls/pk.h', 'libmbedtls-dev'),
  mcs: inPath('mcs', 'mono-mcs'),
  mono: inPath('mono', 'mono-runtime'),
  root: { packages: [], found: () => process.getuid?.() === 0 },
  ruby: inPath('ruby', 'ruby'),
  sbcl: inPath('sbcl', 'sbcl'),
  selfserv: inPath('selfserv', 'libnss3-tools'),
  setpriv: inPath('setpriv', 'util-linux'),
  'ssh-agent': inPath('ssh-agent', 'openssh-client'),
  sshd: inPath('sshd', 'openssh-server'),
  stunnel4: inPath('stunnel4', 'stunnel4'),
  'systemd-analyze': inPath('systemd-analyze', 'systemd'),
  'systemd-creds': inPath('systemd-creds', 'systemd'),
  'systemd-tmpfiles': inPath('systemd-tmpfiles', 'systemd'),
  'systemd-socket-activate': inPath('systemd-socket-activate', 'systemd'),
  'wolfssl/ssl.h': header('wolfssl/ssl.h', 'libwolfssl-dev'),
  vim: inPath('vim', 'vim-nox'),
  'yaml2obj-19': inPath('yaml2obj-19', 'llvm-19'),
  xxd: inPath('xxd', 'xxd'),
  xmllint: inPath('xmllint', 'libxml2-utils'),
  zsh: inPath('zsh', 'zsh'),
  zstd: inPath('zstd', 'zstd'),
  flock: inPath('flock', 'util-linux'),
  jwebserver: inPath('jwebserver', 'default-jdk-headless'),
  'kernel.core_pattern of a machine for tests': { packages: [], found: setsCorePattern },
  'Linux 6.16': { packages: [], found: connectsForCores },
  'kernel cores in the working folder': { packages: [], found: writesCores },
} satisfies Record<string, Requirement>;

export type RequirementName = keyof typeof table;

const known = new Map<RequirementName, boolean>();

/** The requirements of `names` that are missing. */
export function missing(names: readonly RequirementName[]): RequirementName[] {
  return names.filter((name) => {
    if (!known.has(name)) known.set(name, table[name].found());
    return !known.get(name);
  });
}

/** Packages that contain the missing requirements of the end-to-end tests. */
export function missingPackages(): string[] {
  const names = Object.keys(table) as RequirementName[];
  return [...new Set(missing(names).flatMap((name) => table[name].packages))];
}
