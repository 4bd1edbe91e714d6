/**
 * What dumps from a bucket cost: processor time of 300 MB from an S3 server against the same bytes in a file,
 * of the process that reads and of its child; and a listing of 10,000 objects. Needs python3-moto.
 *
 *     npx tsc -p . && node dist/bench/fleet-reading.js [MEGABYTES] [OBJECTS] [DUMP]
 *
 * DUMP: its first bytes are scanned; by default libraries of this machine, one after the other.
 */

import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PATIENCE } from '../fleet/src/listing/retry.js';
import { openDump } from '../fleet/src/reading/open-dump.js';
import { Spool } from '../fleet/src/reading/spool.js';
import { ScanChild, type ScanEvent } from '../src/index.js';
import { FaultyServer } from '../test/fleet/faulty-server.js';
import { listedBy, withAccess } from '../test/fleet/listed.js';
import { type S3Server, setEnvironment, withS3 } from '../test/fleet/s3.js';
import { withTempDir } from '../test/support/folder.js';

const [megabytes = 300, objects = 10_000] = process.argv.slice(2, 4).map(Number);
const [, , , , given] = process.argv;
const ROUNDS = 3;
/** Ticks of a second in /proc (sysconf(_SC_CLK_TCK)). */
const TICKS = 100;

/** Processor seconds of another process so far (proc_pid_stat(5)). */
function secondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

const ownSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Writes the bytes that are scanned. */
function writeDump(path: string, length: number): void {
  const fd = openSync(path, 'w');
  let left = length;
  const folder = '/usr/lib/x86_64-linux-gnu';
  const libraries = readdirSync(folder).filter((name) => /\.so/.test(name));
  for (const file of given === undefined ? libraries.map((name) => join(folder, name)) : [given]) {
    if (left === 0 || !statSync(file).isFile()) continue;
    const bytes = readFileSync(file).subarray(0, left);
    writeSync(fd, bytes);
    left -= bytes.length;
  }
  closeSync(fd);
  if (left > 0) throw new Error(`${left} bytes are missing`);
}

async function sha256Of(events: AsyncIterable<ScanEvent>): Promise<string | undefined> {
  let sha256: string | undefined;
  for await (const event of events) if (event.type === 'artifact') sha256 ??= event.sha256;
  return sha256;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function reading(s3: S3Server, folder: string): Promise<void> {
  const path = join(folder, 'dump.raw');
  writeDump(path, megabytes * 1e6);
  await s3.makeBucket('dumps');
  await s3.putObject('dumps', 'dump.raw', readFileSync(path));
  const spool = new Spool({ folder, most: 2 ** 40 });
  const slot = spool.slot();
  const patient = { patience: PATIENCE };
  await withAccess(async (access) => {
    const options = { jobs: 1, hash: true };
    const child = await ScanChild.within(options, {}, { spool: slot.fd });
    /** Reads and scans a dump; returns seconds of this process and of the child. */
    const measured = async (input: string): Promise<{ parent: number; child: number }> => {
      const [dump] = (await listedBy(access, [input])).dumps;
      const before = { parent: ownSeconds(), child: secondsOf(child.pid!) };
      const opened = await openDump({ id: 1, ...dump! }, { access, slot });
      const sha256 = await sha256Of(child.scan(opened.source));
      if (opened.sha256 !== undefined && opened.sha256 !== sha256) throw new Error('the digests differ');
      opened.close();
      return { parent: ownSeconds() - before.parent, child: secondsOf(child.pid!) - before.child };
    };
    await measured(path);
    const totals: { file: number[]; object: number[] } = { file: [], object: [] };
    for (let round = 0; round < ROUNDS; round++)
      for (const [kind, input] of [
        ['file', path],
        ['object', 's3://dumps/dump.raw'],
      ] as const) {
        const { parent, child: scanned } = await measured(input);
        totals[kind].push(parent + scanned);
        console.log(`${kind}: ${parent.toFixed(2)} s in the parent, ${scanned.toFixed(2)} s in the child`);
      }
    await child.close();
    const [file, object] = [median(totals.file), median(totals.object)];
    console.log(
      `median: file ${file.toFixed(2)} s, object ${object.toFixed(2)} s: ${(object / file).toFixed(2)}`,
    );
  }, patient);
  spool.close();
}

async function listing(s3: S3Server): Promise<void> {
  await s3.makeBucket('many');
  const names = Array.from({ length: objects }, (_, i) => `dumps/web${i % 200}/core.${i}.zst`);
  for (let at = 0; at < names.length; at += 32)
    await Promise.all(names.slice(at, at + 32).map((name) => s3.putObject('many', name, name)));
  const front = await FaultyServer.start(s3.endpoint);
  const restore = setEnvironment(s3.environment(front.url));
  for (let round = 0; round < ROUNDS; round++) {
    front.requests.length = 0;
    const [begun, seconds] = [Date.now(), ownSeconds()];
    const { dumps } = await withAccess((access) => listedBy(access, ['s3://many/dumps/']), {
      patience: PATIENCE,
    });
    const wall = (Date.now() - begun) / 1000;
    const gets = front.requests.filter(({ path }) => path.startsWith('/many/dumps/')).length;
    console.log(
      `${dumps.length} objects: ${wall.toFixed(1)} s, ${(ownSeconds() - seconds).toFixed(1)} s of ` +
        `processor time here, ${front.requests.length} requests, ${gets} of objects`,
    );
  }
  restore();
  await front.stop();
}

await withTempDir((folder) =>
  withS3(async (s3) => {
    if (megabytes > 0) await reading(s3, folder);
    if (objects > 0) await listing(s3);
  }),
);
