import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PostgresDriver } from '../../fleet/src/store/postgres-driver.js';
import { postgresPrograms } from '../support/programs.js';

const run = promisify(execFile);

/** The server refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8').split('\n');
  const [, , uid, gid] = line.find((each) => each.startsWith('postgres:'))?.split(':') ?? [];
  if (uid === undefined) throw new Error('no user postgres');
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * A PostgreSQL server of Debian in a temporary folder, on a Unix socket there. Its tests are in
 * `describeWith(['postgresql'], …)`. It keeps nothing over a crash of the machine (fsync=off).
 */
export class TestPostgres {
  readonly folder = mkdtempSync(join(tmpdir(), 'dumpsieve-pg-'));
  readonly #as = serverUser();
  readonly #settings: readonly string[];
  readonly #port: number;
  #server: ChildProcess | undefined;

  private constructor(settings: readonly string[]) {
    this.#settings = settings;
    this.#port = Number(settings.find((each) => each.startsWith('port='))?.slice(5) ?? 5432);
    if (this.#as !== undefined) chownSync(this.folder, this.#as.uid, this.#as.gid);
  }

  /** `settings`: lines of postgresql.conf, `name=value`. */
  static async start(settings: readonly string[] = []): Promise<TestPostgres> {
    const server = new TestPostgres(settings);
    const data = join(server.folder, 'data');
    await run(
      join(postgresPrograms()!, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
      { ...server.#as, cwd: server.folder },
    );
    await server.startAgain();
    return server;
  }

  /** Starts the server after `stop`, with more settings. */
  async startAgain(more: readonly string[] = []): Promise<void> {
    const settings = [
      ...['listen_addresses=', `unix_socket_directories=${this.folder}`],
      // What was committed outlives a crash of the server, if not of the machine.
      ...['fsync=off', 'full_page_writes=off', 'shared_buffers=64MB'],
      ...this.#settings,
      ...more,
    ].flatMap((setting) => ['-c', setting]);
    this.#server = spawn(
      join(postgresPrograms()!, 'postgres'),
      ['-D', join(this.folder, 'data'), ...settings],
      { ...this.#as, cwd: this.folder, stdio: 'ignore' },
    );
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.sql('postgres', 'select 1').then(() => undefined);
      } catch (error) {
        if (tries === 300 || this.#server.exitCode !== null) throw error;
        await sleep(50);
      }
    }
  }

  /** URL of a store in a database. */
  url(database: string, user = 'postgres'): string {
    return `postgres://${user}@${encodeURIComponent(this.folder)}/${database}`;
  }

  /** URL of a store in a new database. */
  async newDatabase(): Promise<string> {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await this.sql('postgres', `create database ${name}`);
    return this.url(name);
  }

  /** Empties the store in a database. Few rows are deleted in a tenth of the time that truncation takes. */
  async empty(url: string): Promise<void> {
    const deletions = [
      ...['ruleset', 'target', 'object', 'scan', 'secret', 'finding', 'answer', 'failure'],
      ...['hold_dump', 'hold_content'],
    ].map((table) => `delete from dumpsieve.${table}`);
    await this.sql(url.replace(/.*\//, ''), deletions.join(';'));
  }

  /** Runs statements, as the superuser by default. */
  async sql(database: string, text: string, user = 'postgres'): Promise<Record<string, unknown>[]> {
    const config = { host: this.folder, port: this.#port, user, database };
    const driver = new PostgresDriver({ config, shown: database }, { first: 0, again: 0 });
    try {
      return await driver.all<Record<string, unknown>>(text);
    } finally {
      await driver.close();
    }
  }

  /** Processor time of the server and all of its processes so far, in ms (proc_pid_stat(5)). */
  processorTime(): number {
    const server = String(this.#server!.pid);
    const fields = (pid: string) => {
      const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return text.slice(text.lastIndexOf(')') + 2).split(' ');
    };
    let hundredths = 0;
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const [, parent, ...rest] = fields(pid);
        const [user, system, childUser, childSystem] = rest.slice(9, 13).map(Number);
        if (pid === server) hundredths += childUser! + childSystem!;
        if (pid === server || parent === server) hundredths += user! + system!;
      } catch {
        // It has ended between.
      }
    }
    return hundredths * 10;
  }

  /** Ends the server: `fast` closes its connections, `immediate` is as a crash. */
  async stop(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined || server.exitCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  }

  /** Ends the server and removes its folder. */
  async remove(): Promise<void> {
    await this.stop('immediate');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
