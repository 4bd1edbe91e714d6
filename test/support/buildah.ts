import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CliResult, runProgram } from './cli.js';
import { program } from './programs.js';

const run = promisify(execFile);

/** An image's configuration (OCI image specification, config.md). */
export interface ImageConfig {
  User: string;
  WorkingDir: string;
  Entrypoint: string[];
  Cmd: string[];
}

export interface RunOptions {
  /** Folders of the host to mount read-only, by their path in the container. */
  mounts?: Readonly<Record<string, string>>;
  /** Replaces the image's own. */
  user?: string;
}

/**
 * Root may raise its limits only with CAP_SYS_RESOURCE, which containers lack; buildah's defaults are higher.
 */
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];

/** Milliseconds: a guard against hanging, not a measurement. */
const LONGEST = 1_500_000;

/**
 * Files through which npm in a build reaches the same registry as npm on this machine, by path in the
 * container.
 */
async function npmSettings(folder: string): Promise<Record<string, string>> {
  const { stdout } = await run(program('npm'), ['config', 'ls', '--json'], { cwd: folder });
  const config = JSON.parse(stdout) as Record<string, unknown>;
  const file = join(folder, 'npmrc');
  const own = String(config.userconfig);
  const lines = [existsSync(own) ? readFileSync(own, 'utf8') : ''];
  for (const key of ['registry', 'proxy', 'https-proxy', 'noproxy'])
    if (typeof config[key] === 'string' && config[key] !== '') lines.push(`${key}=${config[key]}`);
  const authorities = config.cafile ?? process.env.NODE_EXTRA_CA_CERTS;
  if (typeof authorities === 'string') lines.push('cafile=/root/.npm-ca.pem');
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return {
    '/root/.npmrc': file,
    ...(typeof authorities === 'string' ? { '/root/.npm-ca.pem': authorities } : {}),
  };
}

function volumes(mounts: Readonly<Record<string, string>>): string[] {
  return Object.entries(mounts).flatMap(([inside, path]) => ['--volume', `${path}:${inside}:ro`]);
}

/**
 * Images and containers without a daemon and without a registry, all in one folder. Isolation by chroot also
 * works within a container. Mounts are made in a private namespace, so none outlives its call.
 */
export class Buildah {
  readonly #folder: string;
  readonly #env: Record<string, string>;

  constructor(folder: string) {
    this.#folder = folder;
    const settings = join(folder, 'storage.conf');
    const [store, state, temp] = ['store', 'state', 'temp'].map((name) => join(folder, name));
    // vfs copies whole layers and works on every file system; overlay does not work on overlay, as within a
    // container.
    const storage = `[storage]\ndriver = "vfs"\ngraphroot = "${store}"\nrunroot = "${state}"\n`;
    writeFileSync(settings, storage);
    mkdirSync(temp!);
    this.#env = { CONTAINERS_STORAGE_CONF: settings, BUILDAH_ISOLATION: 'chroot', TMPDIR: temp! };
  }

  /** Builds the folder `context` from local images. `needsNpm`: npm's registry must be reachable. */
  async build(
    image: string,
    context: string,
    { file, needsNpm = false }: { file: string; needsNpm?: boolean },
  ) {
    const mounts = needsNpm ? await npmSettings(this.#folder) : {};
    const flags = ['--pull=never', '--network=host', ...LIMITS, ...volumes(mounts)];
    await this.#buildah(['build', ...flags, '--tag', image, '--file', join(context, file), context]);
  }

  async config(image: string): Promise<ImageConfig> {
    const text = await this.#buildah(['inspect', '--type', 'image', image]);
    return (JSON.parse(text) as { OCIv1: { config: ImageConfig } }).OCIv1.config;
  }

  /** Creates a container of an image and returns its id. */
  async from(image: string): Promise<string> {
    return (await this.#buildah(['from', '--pull=never', ...LIMITS, image])).trim();
  }

  /** Runs a command in a container, without a network. */
  run(
    container: string,
    command: readonly string[],
    { mounts = {}, user }: RunOptions = {},
  ): Promise<CliResult> {
    const flags = [...volumes(mounts), ...(user === undefined ? [] : ['--user', user])];
    const call = ['--mount', '--net', program('buildah'), 'run', ...flags, container, '--', ...command];
    return runProgram(program('unshare'), call, { env: this.#env });
  }

  async #buildah(args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await runProgram(
      program('unshare'),
      ['--mount', program('buildah'), ...args],
      { env: { ...(process.env as Record<string, string>), ...this.#env }, timeout: LONGEST },
    );
    if (status !== 0) throw new Error(`buildah ${args[0]} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  }
}
