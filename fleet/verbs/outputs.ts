import type { Fleet } from '../../src/cli/fleet.js';
import { version } from '../../src/cli/help.js';
import { type OpenedReport, openOutputFiles } from '../../src/cli/output-files.js';
import { print } from '../../src/cli/print.js';
import { terminalWidth } from '../../src/cli/table.js';
import { DumpsieveError } from '../../src/core/base/runtime/errors.js';
import { tryTo } from '../../src/core/base/runtime/try-to.js';
import type { Format } from '../../src/core/model/report.js';
import { ANSWER_FORMATS } from '../../src/core/options/hunt-table.js';
import type { QueryEvent } from '../src/index.js';
import { PrettyAnswers } from './answers.js';
import { type AnswerList, JsonAnswers } from './json.js';

/** Takes answers and writes them in one format. */
export interface AnswerWriter {
  event(event: QueryEvent): void;
  /** Called once, after the last answer or when the question was stopped. */
  end(): void | Promise<void>;
}

export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

interface AnswerSetup {
  fleet: Fleet;
  /** Words of the command, for the head of an HTML report. */
  command: readonly string[];
  /** The list that JSON has, by the question. */
  list: AnswerList;
}

/** All writers of one question: standard output and the files of --output. */
export interface AnswerOutputs extends AnswerWriter {
  /** Removes files that are not whole. */
  discard(): void;
}

/**
 * Opens the writers of `format` (undefined: nothing on standard output) and of each `FORMAT=FILE`. Throws
 * `bad-output` (exit 3) for another format, and for a file that cannot be written or is read.
 */
export async function openAnswerOutputs(
  format: AnswerFormat | undefined,
  entries: readonly string[],
  read: readonly string[],
  setup: AnswerSetup,
): Promise<AnswerOutputs> {
  const files = await openOutputFiles(entries, format !== undefined, { paths: [...read] });
  const wrong = files.find((file) => !isAnswerFormat(file.format));
  if (wrong !== undefined) {
    for (const each of files) each.discard();
    throw new DumpsieveError({
      code: 'bad-output',
      message: `answers have no format ${wrong.format}`,
      hint: `their formats are ${ANSWER_FORMATS.join(', ')}`,
    });
  }
  return new Outputs(format, files, setup);
}

const isAnswerFormat = (format: Format): format is AnswerFormat =>
  ANSWER_FORMATS.some((each) => each === format);

class Outputs implements AnswerOutputs {
  readonly #writers: AnswerWriter[];
  readonly #files: readonly OpenedReport[];

  constructor(format: AnswerFormat | undefined, files: readonly OpenedReport[], setup: AnswerSetup) {
    this.#files = files;
    const first = format === undefined ? [] : [writerOf(format, print, setup, terminalWidth())];
    this.#writers = [
      ...first,
      ...files.map((file) => writerOf(file.format as AnswerFormat, file.write, setup)),
    ];
  }

  event(event: QueryEvent): void {
    for (const writer of this.#writers) writer.event(event);
  }

  async end(): Promise<void> {
    for (const writer of this.#writers) await writer.end();
    for (const file of this.#files) file.publish();
  }

  discard(): void {
    for (const file of this.#files) tryTo(() => file.discard());
  }
}

function writerOf(
  format: AnswerFormat,
  write: (text: string) => void,
  setup: AnswerSetup,
  width?: number,
): AnswerWriter {
  if (format === 'pretty') return new PrettyAnswers(write, width);
  if (format === 'json') return new JsonAnswers(write, { version: version(), list: setup.list });
  return new ReportAnswers(format, write, setup);
}

/** By a reporter of scans, which gets all answers at the end: artifacts come before findings. */
class ReportAnswers implements AnswerWriter {
  readonly #format: 'csv' | 'html';
  readonly #write: (text: string) => void;
  readonly #command: readonly string[];
  readonly #events: InstanceType<Fleet['ReportEvents']>;
  readonly #startedAt = new Date().toISOString();

  constructor(format: 'csv' | 'html', write: (text: string) => void, { fleet, command }: AnswerSetup) {
    this.#format = format;
    this.#write = write;
    this.#command = command;
    this.#events = new fleet.ReportEvents();
  }

  event(event: QueryEvent): void {
    this.#events.add(event);
  }

  async end(): Promise<void> {
    const { reporters } = await import('../../src/index.js');
    const reporter = reporters[this.#format](this.#write, { color: false });
    const setup = { version: version(), command: this.#command, startedAt: this.#startedAt };
    for await (const event of this.#events.events(setup)) reporter.event(event);
    reporter.end();
  }
}
