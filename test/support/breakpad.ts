import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';

/**
 * Electron's npm package of Breakpad (not in Debian): its sources (BSD licence), with those of
 * linux_syscall_support.
 */
const PACKAGE = 'minidump@0.26.0';
const SHA512 = '1CJ6kQDd1UawXgmht3pHKzLPuZPb8xrZlgrN+H6/3zKWsUKapTSF2FE7g2Nji/NnVi+GOsVwM8sm2md6BjJUgg==';
const KEPT = fileURLToPath(asset(`node_modules/.cache/dumpsieve/${PACKAGE}`));

/** Source files of the client, relative to src/, as its Makefile.am lists them. */
const CLIENT = [
  ...['crash_generation/crash_generation_client', 'dump_writer_common/thread_info'],
  ...[
    'dump_writer_common/ucontext_reader',
    'handler/exception_handler',
    'handler/minidump_descriptor',
    'log/log',
  ],
  ...[
    'microdump_writer/microdump_writer',
    'minidump_writer/linux_core_dumper',
    'minidump_writer/linux_dumper',
  ],
  ...['minidump_writer/linux_ptrace_dumper', 'minidump_writer/minidump_writer', 'minidump_writer/pe_file'],
].map((name) => `client/linux/${name}.cc`);
const COMMON = [
  ...['convert_UTF', 'string_conversion', 'linux/elf_core_dump', 'linux/elfutils', 'linux/file_id'],
  ...['linux/guid_creator', 'linux/linux_libc_support', 'linux/memory_mapped_file', 'linux/safe_readlink'],
].map((name) => `common/${name}.cc`);

/** Fetches and unpacks the package once, without running its scripts. */
function fetchSources(): void {
  mkdirSync(dirname(KEPT), { recursive: true });
  const folder = mkdtempSync(join(dirname(KEPT), 'new-'));
  try {
    spawnSync(
      'npm',
      ['pack', PACKAGE, '--ignore-scripts', '--fetch-retries=2', '--pack-destination', folder],
      {
        stdio: 'ignore',
        timeout: 180_000,
      },
    );
    const tarball = join(folder, `${PACKAGE.replace('@', '-')}.tgz`);
    if (
      !existsSync(tarball) ||
      createHash('sha512').update(readFileSync(tarball)).digest('base64') !== SHA512
    )
      return;
    if (spawnSync('tar', ['-xzf', tarball, '-C', folder]).status === 0 && !existsSync(KEPT))
      renameSync(folder, KEPT);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** True if the sources of its Linux client are present or can be fetched. */
export function hasBreakpad(): boolean {
  if (process.platform === 'linux' && !existsSync(KEPT)) fetchSources();
  return existsSync(KEPT);
}

/** Compiler arguments for a program with Breakpad's client. */
export function breakpadArguments(): string[] {
  const sources = join(KEPT, 'package/deps/breakpad/src');
  const files = [...CLIENT, 'client/minidump_file_writer.cc', ...COMMON].map((file) => join(sources, file));
  return [
    '-std=c++17',
    '-w',
    '-DHAVE_GETCONTEXT=1',
    `-I${sources}`,
    `-I${join(sources, '../..')}`,
    ...files,
    '-pthread',
  ];
}
