import type { QueryEvent } from '../src/index.js';
import type { AnswerWriter } from './outputs.js';

/** Name of the list of answers, by the question. */
export type AnswerList = 'targets' | 'repeated' | 'found';

/** The list of each answer. */
const LISTS = { target: 'targets', repeated: 'repeated', found: 'found' } as const;

/**
 * Answers as one JSON document (docs/fleet.md): `targets`, `repeated` or `found`, a line for each, and at the
 * end `exit`, `asked` and `store`. Without these the question was stopped.
 */
export class JsonAnswers implements AnswerWriter {
  readonly #write: (text: string) => void;
  readonly #list: AnswerList;
  #entries = 0;
  #isEnded = false;

  constructor(write: (text: string) => void, { version, list }: { version: string; list: AnswerList }) {
    this.#write = write;
    this.#list = list;
    const tool = JSON.stringify({ name: 'dumpsieve', version });
    this.#write(`{\n"schemaVersion": 1,\n"tool": ${tool},\n"${list}": [`);
  }

  event(event: QueryEvent): void {
    const { type, ...body } = event;
    if (type === 'end') {
      this.#endList();
      for (const [name, value] of Object.entries(body)) this.#write(`,\n"${name}": ${JSON.stringify(value)}`);
    } else if (LISTS[type] === this.#list) {
      // Places of a repeated secret are for other formats.
      this.#write(`${this.#entries++ === 0 ? '' : ','}\n${JSON.stringify(body)}`);
    }
  }

  end(): void {
    this.#endList();
    this.#write('\n}\n');
  }

  #endList(): void {
    if (!this.#isEnded) this.#write('\n]');
    this.#isEnded = true;
  }
}
