import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { p256Key, pkcs8Pem } from '../../fixtures/keys.js';
import { encodeProcess } from '../../fixtures/process.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken, npmToken, signedJwt } from '../../fixtures/tokens.js';
import { type Planted, plantedKey, plantedToken } from '../support/planted.js';

/** 15 characters: the limit of a thread's name (TASK_COMM_LEN, prctl(2)). */
const COMM = 15;

/** Makes secrets and records which parts of them no output may show. */
export class Planter {
  readonly planted: Planted[] = [];
  readonly #random: SeededRandom;

  constructor(seed = 'planted secrets') {
    this.#random = new SeededRandom(seed);
  }

  github(place: string): string {
    const token = githubToken(this.#random);
    this.planted.push(plantedToken(place, token, 'ghp_'));
    return token;
  }

  npm(place: string): string {
    const token = npmToken(this.#random);
    this.planted.push(plantedToken(place, token, 'npm_'));
    return token;
  }

  /** The part of a token that a thread's name can hold. */
  comm(place: string): string {
    const cut = githubToken(this.#random).slice(0, COMM);
    this.planted.push(plantedToken(place, cut, 'ghp_'));
    return cut;
  }

  pem(place: string) {
    const key = p256Key(this.#random);
    this.planted.push(plantedKey(place, key));
    return { key, pem: pkcs8Pem(key) };
  }

  bytes(length: number): Buffer {
    return this.#random.bytes(length);
  }

  /** A dump with a secret everywhere a report might quote the dump. */
  dump(folder: string, index: number): void {
    const at = (place: string) => `dump ${index}, ${place}`;
    const { key, pem } = this.pem(at('PEM on the heap'));
    const jwt = signedJwt(key, { iss: `https://x:${this.github(at('claim of a JWT'))}@git.example`, iat: 1 });
    const bytes = encodeProcess(
      {
        pid: 1000 + index,
        name: this.comm(at('thread name')),
        argv: ['/bin/run', `--token=${this.github(at('command line'))}`],
        env: { NPM_TOKEN: this.npm(at('environment')), [this.github(at('name of a variable'))]: '1' },
        executable: '/bin/run',
        modules: [`/srv/${this.github(at('module path'))}/lib.so`],
        heap: [
          Buffer.from(pem),
          Buffer.from(this.github(at('heap'))),
          Buffer.from(this.npm(at('UTF-16 on the heap')), 'utf16le'),
          Buffer.from(jwt),
        ],
      },
      new SeededRandom(`dump ${index}`),
    );
    writeFileSync(join(folder, `core.${this.github(at('file name'))}.${index}`), bytes);
  }
}
