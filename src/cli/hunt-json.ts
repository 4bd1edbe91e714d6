import type { QueryEvent } from '../../fleet/src/index.js';
import type { AnswerWriter } from './hunt-outputs.js';

/** Name of the list that an answer goes to. */
const LISTS = { target: 'targets', repeated: 'repeated', found: 'found' } as const;

/**
 * Answers as one JSON document (docs/fleet.md): `targets`, `repeated` or `found`, a line for each, and at the
 * end `exit`, `asked` and `store`. Without these the question was stopped.
 */
export class JsonAnswers implements AnswerWriter {
  readonly #write: (text: string) => void;
  readonly #version: string;
  #list: (typeof LISTS)[keyof typeof LISTS] | undefined;
  #isBegun = false;

  constructor(write: (text: string) => void, version: string) {
    this.#write = write;
    this.#version = version;
  }

  event(event: QueryEvent): void {
    const { type, ...body } = event;
    this.#begin();
    if (type === 'end') {
      this.#endList();
      for (const [name, value] of Object.entries(body)) this.#write(`,\n"${name}": ${JSON.stringify(value)}`);
      return;
    }
    const list = LISTS[type];
    // Places of a repeated secret are for other formats.
    if (this.#list === 'repeated' && list === 'found') return;
    if (this.#list === undefined) this.#write(`,\n"${list}": [\n`);
    else this.#write(',\n');
    this.#list = list;
    this.#write(JSON.stringify(body));
  }

  end(): void {
    this.#begin();
    this.#endList();
    this.#write('\n}\n');
  }

  #begin(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    const tool = JSON.stringify({ name: 'dumpsieve', version: this.#version });
    this.#write(`{\n"schemaVersion": 1,\n"tool": ${tool}`);
  }

  #endList(): void {
    if (this.#list !== undefined) this.#write('\n]');
    this.#list = undefined;
  }
}
