import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command, Input } from './input.js';
import { normalised } from './normalise.js';
import type { Recorder } from './recorder.js';

const FORMATS = ['pretty', 'json', 'ndjson', 'sarif', 'junit', 'markdown'] as const;
/** Time of the last change of every input, in seconds since 1970. */
const MODIFIED = 1_767_225_600;
const ENVIRONMENT = { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' };

/** One program over the files of a folder; paths in its arguments are relative to that folder. */
export class Program {
  readonly #path: string;
  readonly #folder: string;
  readonly #recorder: Recorder;

  constructor(path: string, folder: string, recorder: Recorder) {
    this.#path = path;
    this.#folder = folder;
    this.#recorder = recorder;
  }

  write(name: string, contents: string | Uint8Array): void {
    const path = join(this.#folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
    utimesSync(path, MODIFIED, MODIFIED);
  }

  readonly #commands: Readonly<Record<Exclude<Command, 'mask'>, (input: Input) => void>> = {
    scan: ({ name, args = [] }) => this.scan(name, args),
    find: ({ name, args = [] }) => this.scan(name, args, 'find'),
    redact: ({ name }) => this.redact(name, name, 'redact', []),
    backtrace: ({ name }) => this.redact(name, name, 'backtrace', ['--keep', 'backtrace']),
  };

  /** Writes an input, runs its commands, and removes it. */
  run(input: Input): void {
    this.write(input.name, input.bytes);
    this.#recorder.add(`${input.name} / input / bytes`, input.bytes);
    for (const command of input.commands) if (command !== 'mask') this.#commands[command](input);
    rmSync(join(this.#folder, input.name));
  }

  /** A scan with a report of each format. */
  scan(path: string, args: readonly string[], command = 'scan', formats: readonly string[] = FORMATS): void {
    const outputs = formats.flatMap((format) => ['--output', `${format}=report.${format}`]);
    this.#ran(`${path} / ${command}`, ['scan', path, '--quiet', '--no-config', ...outputs, ...args]);
    for (const format of formats) this.#take(`${path} / ${command} / ${format}`, `report.${format}`);
  }

  /** A copy of a file, or of each file of a folder, by path. */
  redact(name: string, path: string, command: string, args: readonly string[], files = ['']): void {
    this.#ran(`${name} / ${command}`, ['redact', path, '-o', 'copy', ...args]);
    for (const file of files) {
      const copy = join('copy', file);
      const of = join(name, file);
      this.#take(`${of} / ${command} / copy`, copy, false);
      this.#take(`${of} / ${command} / manifest`, `${copy}.manifest.json`);
    }
    for (const made of ['copy', 'copy.manifest.json'])
      rmSync(join(this.#folder, made), { recursive: true, force: true });
  }

  /** Texts with the secrets of files masked, by the program's library. */
  mask(texts: ReadonlyMap<string, string>, files: readonly string[]): void {
    const library = join(dirname(this.#path), '../dist/bundle/index.js');
    const child = join(import.meta.dirname, 'mask-child.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [child, library, ...files], {
      input: JSON.stringify([...texts.values()]),
      ...{ cwd: this.#folder, encoding: 'utf8', env: ENVIRONMENT, maxBuffer: 1 << 28 },
    });
    if (status !== 0) throw new Error(`mask: ${stderr}`);
    const masked = JSON.parse(stdout) as string[];
    for (const [i, name] of [...texts.keys()].entries())
      this.#recorder.add(`${name} / mask / text`, masked[i]!);
  }

  #ran(name: string, args: readonly string[]): void {
    const { status, stdout, stderr, error } = spawnSync(
      process.execPath,
      [this.#path, ...args, '--jobs', '2', '--no-progress'],
      { cwd: this.#folder, encoding: 'utf8', env: ENVIRONMENT, maxBuffer: 1 << 28 },
    );
    if (error) throw error;
    this.#recorder.plain(`${name} / exit`, String(status));
    this.#recorder.add(`${name} / messages`, normalised(`${stdout}\n${stderr}`, this.#folder));
  }

  /** The row of a file that a command wrote, if it did; removes the file. */
  #take(row: string, file: string, isText = true): void {
    const path = join(this.#folder, file);
    if (!existsSync(path)) return;
    const bytes = readFileSync(path);
    this.#recorder.add(row, isText ? normalised(bytes.toString(), this.#folder) : bytes);
    rmSync(path);
  }
}
