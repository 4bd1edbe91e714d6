import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fault } from '../../test/redact/faults/preload.js';
import { isPublished, optionsIn, prepare, problemsIn, type Scene } from '../../test/redact/faults/scene.js';
import { withTempDir } from '../../test/support/folder.js';
import { COMMAND } from '../command/measure.js';

const PRELOAD = new URL('../../test/redact/faults/preload.js', import.meta.url).href;

/** How a process is started and disturbed. */
export interface Disturbance {
  /** A program that starts another: its arguments end with the command. */
  wrapper?: (folder: string) => readonly string[];
  fault?: { at: number; error?: string };
  /** Once it runs. */
  disturb?: (child: ChildProcess, folder: string) => void;
  /** Prepares the folder before anything is in it, and takes that back. */
  around?: (folder: string) => () => void;
  /** Exit status that a disturbed run may have besides 0. */
  statuses?: readonly number[];
}

/** What a run left. */
export interface Outcome {
  status: number | null;
  isThere: boolean;
  problems: string[];
  message: string;
  /** Calls for files of the folder, if they were counted. */
  calls: number;
  milliseconds: number;
}

function argumentsOf(folder: string, scene: Scene): string[] {
  const { input, output, keep, sign, force, jobs } = optionsIn(folder, scene.options);
  return [
    ...['redact', String(input), '-o', output, '--keep', keep ?? 'all', '--jobs', String(jobs), '--quiet'],
    ...(sign === undefined ? [] : ['--sign', sign]),
    ...(force === true ? ['--force'] : []),
  ];
}

/** Runs the program in a new folder, disturbs it, and looks at what is left. */
export function runIn(
  scene: Scene,
  { wrapper, fault, disturb, around, statuses }: Disturbance,
): Promise<Outcome> {
  return withTempDir(async (outer) => {
    const folder = join(outer, 'folder');
    mkdirSync(folder);
    const undo = around?.(folder);
    try {
      prepare(folder, scene);
      const count = join(outer, 'count');
      const setting: Fault | undefined = fault && { folder, count, ...fault };
      const words = [
        ...(wrapper?.(folder) ?? []),
        process.execPath,
        ...(setting === undefined ? [] : ['--import', PRELOAD]),
        COMMAND,
        ...argumentsOf(folder, scene),
      ];
      const [program = '', ...args] = words;
      const start = performance.now();
      const child = spawn(program, args, {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          PATH: process.env.PATH,
          ...(setting === undefined ? {} : { TEST_FAULT: JSON.stringify(setting) }),
        },
      });
      const said: Buffer[] = [];
      child.stderr.on('data', (part: Buffer) => said.push(part));
      disturb?.(child, folder);
      const [status] = (await once(child, 'close')) as [number | null];
      const milliseconds = performance.now() - start;
      const message = Buffer.concat(said).toString().split('\n')[0] ?? '';
      const isThere = isPublished(folder, scene);
      const problems = problemsIn(folder, scene, status !== null);
      if (status !== null && isThere !== (status === 0)) problems.push(`status ${status}, copy: ${isThere}`);
      if (status !== null && status !== 0 && !(statuses ?? []).includes(status))
        problems.push(`status ${status}: ${message}`);
      if (/internal error/.test(message)) problems.push(message);
      const calls = setting === undefined || status === null ? 0 : Number(readFileSync(count, 'utf8'));
      return { status, isThere, problems, message, calls, milliseconds };
    } finally {
      undo?.();
    }
  });
}

/** Path of this bench. */
export const BENCH = fileURLToPath(new URL('../redact-faults.js', import.meta.url));
