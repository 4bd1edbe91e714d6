import type { PgBoss } from 'pg-boss';
import { failure } from '../host.js';
import { migrateStore } from '../store/open.js';
import { isPassing } from '../store/postgres-driver.js';
import { postgresPlace } from '../store/postgres-place.js';
import type { Notices } from './notices.js';

/** pg-boss in the database of a store. */

/** Oldest Node that pg-boss runs on. */
const NODE = [22, 12] as const;

/** Schema of pg-boss, beside that of the store. */
const SCHEMA = 'pgboss';

/** Jobs of dumps that were given up. */
export const DEAD = 'dead';

/** Connections, beside those of the store. */
const CONNECTIONS = 2;

/** Seconds between two looks for jobs whose worker has died. */
const MONITORING = 5;

const WORKER = {
  max: CONNECTIONS,
  migrate: false,
  createSchema: false,
  superviseIntervalSeconds: MONITORING,
  monitorIntervalSeconds: MONITORING,
  // What only an owner of the tables may do.
  reindex: false,
  monitorVacuum: false,
} as const;

/** A job that is not taken is kept: seconds of ten years. Ended ones are forgotten after a day. */
const KEPT = 10 * 365 * 86_400;
const ENDED_KEPT = 86_400;

/** Attempts that supervisors lose count nothing: pg-boss is not to give a job up. */
const RETRIES = 1_000_000;

/** Longest scan, by pg-boss: after it another worker takes the job too, and the first result counts. */
const LONGEST_SCAN = 86_400;

/** Its name is of the rules: a worker sees no jobs of others. */
const queueName = (ruleset: string): string => `scan-${ruleset.slice(0, 16)}`;

/** This Node can run pg-boss. */
export function hasQueueNode(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
}

function requireNode(): void {
  if (hasQueueNode()) return;
  throw failure({
    code: 'node-too-old',
    message: `the queue of a server needs Node ${NODE.join('.')} or newer; this is ${process.versions.node}`,
    hint: 'dumps in buckets and on the web need it; a store in a file, and files of this machine, do not',
  });
}

/** What all uses of pg-boss share: no spans, no cron, no row of its own in a registry. */
const PLAIN = {
  schema: SCHEMA,
  schedule: false,
  registerInstance: false,
  openTelemetry: { enabled: false },
} as const;

type BossOptions = ConstructorParameters<typeof PgBoss>[0] & object;

async function newBoss(
  place: string,
  options: BossOptions,
  onError: (error: Error) => void,
): Promise<PgBoss> {
  requireNode();
  const { PgBoss: Boss } = await import('pg-boss');
  const { config } = postgresPlace(place);
  // The types of `pg` have more forms of a host and a password.
  const boss = new Boss({ ...(config as BossOptions), ...PLAIN, ...options });
  boss.on('error', onError);
  return boss;
}

const ended = (boss: PgBoss): Promise<void> => boss.stop({ graceful: false, close: true });

/** Makes the tables of pg-boss, or brings them to its version. Before the rights of roles are granted. */
export async function migrateQueue(place: string): Promise<void> {
  const errors: Error[] = [];
  const boss = await newBoss(place, { max: 1, supervise: false }, (error) => errors.push(error));
  try {
    await boss.start();
    if (errors[0] !== undefined) throw errors[0];
    await boss.createQueue(DEAD, { retentionSeconds: KEPT, deleteAfterSeconds: KEPT });
  } catch (error) {
    throw explained(error, postgresPlace(place).shown);
  } finally {
    await ended(boss);
  }
}

/** A server that cannot be reached now is asked again (patience.ts). */
function explained(error: unknown, place: string): unknown {
  if (!isPassing(error)) return error;
  const message = `the queue of ${place} cannot be reached: ${(error as Error).message}`;
  return failure({ code: 'store-unreachable', message }, 2, error);
}

/** The queue of one rule set. */
export class Queue {
  readonly name: string;
  /** Seconds: that of the first worker. */
  readonly heartbeat: number;
  readonly #boss: PgBoss;
  readonly #place: string;

  private constructor(boss: PgBoss, place: string, name: string, heartbeat: number) {
    this.#boss = boss;
    this.#place = place;
    this.name = name;
    this.heartbeat = heartbeat;
  }

  /** `create`: makes the tables of pg-boss if they are missing. */
  static async open(
    place: string,
    ruleset: string,
    options: { heartbeat: number; create: boolean; notices: Notices },
  ): Promise<Queue> {
    const shown = postgresPlace(place).shown;
    const boss = await startedBoss(place, shown, options);
    try {
      const name = queueName(ruleset);
      await boss.createQueue(name, {
        policy: 'exclusive',
        heartbeatSeconds: Math.max(10, Math.round(options.heartbeat)),
        retryLimit: RETRIES,
        retryDelay: 0,
        retryBackoff: false,
        expireInSeconds: LONGEST_SCAN,
        retentionSeconds: KEPT,
        deleteAfterSeconds: ENDED_KEPT,
      });
      const queue = await boss.getQueue(name);
      return new Queue(boss, shown, name, queue?.heartbeatSeconds ?? options.heartbeat);
    } catch (error) {
      await ended(boss).catch(() => {});
      throw explained(error, shown);
    }
  }

  /** Runs something with pg-boss. Throws `store-unreachable` (exit 2). */
  async use<T>(body: (boss: PgBoss, name: string) => Promise<T>): Promise<T> {
    try {
      return await body(this.#boss, this.name);
    } catch (error) {
      throw explained(error, this.#place);
    }
  }

  /** Jobs that have not ended; without those under way only what is queued. */
  async left(withActive: boolean): Promise<number> {
    const { rows } = await this.use((boss, name) =>
      boss.getDb().executeSql(
        `select count(*)::int as jobs from ${SCHEMA}.job
           where name = $1 and state ${withActive ? '<=' : '<'} 'active'`,
        [name],
      ),
    );
    return Number((rows[0] as { jobs: number }).jobs);
  }

  async close(): Promise<void> {
    await ended(this.#boss);
  }
}

/** A worker's pg-boss, which looks for jobs whose worker has died, and migrates nothing. */
async function startedBoss(
  place: string,
  shown: string,
  { create, notices }: { create: boolean; notices: Notices },
): Promise<PgBoss> {
  for (let isMigrated = false; ; isMigrated = true) {
    const boss = await newBoss(place, WORKER, ({ message }) => notices.add({ code: 'queue-error', message }));
    try {
      return await boss.start();
    } catch (error) {
      await ended(boss).catch(() => {});
      if (isPassing(error)) throw explained(error, shown);
      if (!create || isMigrated) throw notInstalled(shown, error);
      await migrateQueue(place);
      // Roles get their rights on the new tables.
      await migrateStore(place);
    }
  }
}

const notInstalled = (shown: string, error: unknown) =>
  failure(
    {
      code: 'queue-missing',
      message: `${shown} has no queue of this version: ${(error as Error).message}`,
      hint: `\`dumpsieve hunt migrate\`, as a member of fleet_admin, with Node ${NODE.join('.')} or newer`,
    },
    3,
    error,
  );
