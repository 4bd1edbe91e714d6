import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Framework } from './programs.js';

/** Version of an installed Debian package; undefined if it is not installed. */
function installed(name: string): string | undefined {
  try {
    const format = '-f=$' + '{Status}|$' + '{Version}';
    const [state, version] = execFileSync('dpkg-query', ['-W', format, name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).split('|');
    return state === 'install ok installed' ? version : undefined;
  } catch {
    return undefined;
  }
}

/** `next-auth@4` without the version. */
const nameOf = (module: string): string => module.replace(/(?<=.)@.*$/, '');

const versionFile = (name: string, folder: string): string => join(folder, name, 'version');

/** Version of a module of npm in the folder; undefined if it is not there. */
function moduleVersion(module: string, folder: string): string | undefined {
  const path = join(folder, 'node_modules', nameOf(module), 'package.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).version : undefined;
}

const unpackedVersion = (name: string, folder: string): string | undefined =>
  existsSync(versionFile(name, folder)) ? readFileSync(versionFile(name, folder), 'utf8').trim() : undefined;

/** Packages and modules that a framework lacks. */
export function lacking({ packages, modules = [], unpacked }: Framework, folder: string): string[] {
  return [
    ...packages.filter((name) => installed(name) === undefined),
    ...modules.filter((name) => moduleVersion(name, folder) === undefined),
    ...[unpacked ?? []].flat().filter((name) => unpackedVersion(name, folder) === undefined),
  ];
}

/** Its own package with its version. */
export function versionOf({ packages, modules, unpacked }: Framework, folder: string): string {
  if (modules) return `npm ${moduleVersion(modules[0]!, folder)}`;
  const version = unpacked ? unpackedVersion(unpacked, folder) : installed(packages[0]!);
  return `Debian ${version?.replace(/^\d+:/, '').replace(/[+-].*$/, '')}`;
}

/** Installs Debian packages on this machine, and modules of npm into the folder. */
export function install(frameworks: readonly Framework[], folder: string): void {
  const shown = { cwd: folder, stdio: 'inherit' } as const;
  const packages = frameworks.flatMap((each) => each.packages);
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...new Set(packages)], shown);
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{}\n');
  const modules = frameworks.flatMap((each) => each.modules ?? []);
  if (modules.length > 0)
    execFileSync('npm', ['install', '--no-audit', '--no-fund', ...new Set(modules)], shown);
  for (const { unpacked } of frameworks) if (unpacked) unpack(unpacked, join(folder, unpacked));
}

function unpack(name: string, place: string): void {
  mkdirSync(place, { recursive: true });
  const options = { cwd: place, stdio: 'inherit' } as const;
  execFileSync('apt-get', ['download', name], options);
  const file = readdirSync(place).find((each) => each.endsWith('.deb'))!;
  execFileSync('dpkg', ['-x', file, '.'], options);
  const version = execFileSync('dpkg-deb', ['-f', file, 'Version'], { cwd: place, encoding: 'utf8' });
  writeFileSync(join(place, 'version'), version.trim());
}
