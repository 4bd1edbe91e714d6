import { failure } from '../host.js';
import type { Asked, FoundIn, RepeatedSecret } from '../model/answers.js';
import type { Driver } from './driver.js';
import type { FailedDump, Forgotten, Questions, Standing } from './questions.js';

const notBuilt = () => failure({ code: 'not-built', message: 'this question is not built yet' });

export class SqlQuestions implements Questions {
  readonly #driver: Driver;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  get place(): string {
    return this.#driver.place;
  }

  findings(): AsyncIterable<FoundIn> {
    throw notBuilt();
  }
  async answers(): Promise<never> {
    throw notBuilt();
  }
  async asked(): Promise<Asked> {
    throw notBuilt();
  }
  repeated(): AsyncIterable<RepeatedSecret> {
    throw notBuilt();
  }
  async standing(): Promise<Standing> {
    throw notBuilt();
  }
  failures(): AsyncIterable<FailedDump> {
    throw notBuilt();
  }
  async forgettable(): Promise<Forgotten> {
    throw notBuilt();
  }
  async forget(): Promise<Forgotten> {
    throw notBuilt();
  }
  async forgetFailures(): Promise<number> {
    throw notBuilt();
  }
  async forgetRuleset(): Promise<Forgotten> {
    throw notBuilt();
  }
  close(): Promise<void> {
    return this.#driver.close();
  }
}
