import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

/** A result or an event of the DevTools protocol. */
type Message = ReturnType<typeof JSON.parse>;

/** Debian's Chromium without a window, driven by the DevTools protocol over a pipe. */
export class Chromium {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #listeners: ((message: Message) => void)[] = [];
  #id = 0;
  #rest = '';

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'chromium-'));
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe'];
    const quiet = ['--no-first-run', '--disable-extensions', '--disable-background-networking'];
    const profile = `--user-data-dir=${this.#folder}`;
    this.#child = spawn('chromium', [...flags, ...quiet, profile, '--window-size=1280,1000', 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    (this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => this.#receive(text));
  }

  #receive(text: string): void {
    const messages = `${this.#rest}${text}`.split('\0');
    this.#rest = messages.pop() ?? '';
    for (const each of messages) {
      const message: Message = JSON.parse(each);
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
      for (const listener of this.#listeners) listener(message);
    }
  }

  async send(method: string, params: object = {}, sessionId?: string): Promise<Message> {
    const id = ++this.#id;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** Opens a file and waits until it is drawn. */
  async open(file: string, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page((method, params) => this.send(method, params, sessionId));
    this.#listeners.push((message) => {
      if (message.sessionId === sessionId) page.take(message);
    });
    await page.load(pathToFileURL(file).href, scheme);
    return page;
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    await this.send('Browser.close');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Virtual key codes of keys without a character, which the protocol wants beside their names. */
const CODES: Readonly<Record<string, number>> = {
  ...{ Tab: 9, Enter: 13, Escape: 27, PageUp: 33, PageDown: 34, End: 35, Home: 36 },
  ...{ ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40 },
};

/** Milliseconds between two looks at a page, and looks before it is given up. */
const LOOK = { every: 20, most: 1_500 };

/** A page that is open: what it did, and what a person can do with it. */
export class Page {
  /** Errors of the console and of scripts. */
  readonly errors: string[] = [];
  /** Addresses that were asked for, beside the file's own. */
  readonly requests: string[] = [];
  /** Milliseconds from the navigation until it was drawn. */
  drawn = Number.NaN;
  readonly #send: (method: string, params?: object) => Promise<Message>;
  #url = '';

  constructor(send: (method: string, params?: object) => Promise<Message>) {
    this.#send = send;
  }

  take({ method, params }: Message): void {
    if (method === 'Runtime.exceptionThrown') this.errors.push(params.exceptionDetails.text);
    if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(params.type))
      this.errors.push(JSON.stringify(params.args));
    if (method === 'Log.entryAdded') this.errors.push(params.entry.text);
    if (method === 'Network.requestWillBeSent' && params.request.url !== this.#url)
      this.requests.push(params.request.url);
  }

  async load(url: string, scheme: string): Promise<void> {
    this.#url = url;
    for (const domain of ['Runtime', 'Log', 'Network', 'Page']) await this.#send(`${domain}.enable`);
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.#send('Emulation.setEmulatedMedia', { features });
    await this.#send('Page.navigate', { url });
    await this.until("performance.getEntriesByName('drawn').length > 0");
    this.drawn = (await this.run("performance.getEntriesByName('drawn')[0].startTime")) as number;
  }

  /** The value of an expression, awaited. */
  async run(expression: string): Promise<unknown> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', options);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression is true. */
  async until(expression: string): Promise<void> {
    for (let look = 0; look < LOOK.most; look++) {
      if ((await this.run(expression)) === true) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK.every));
    }
    throw new Error(`never true: ${expression}`);
  }

  /** Presses keys: names as KeyboardEvent.key has them. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      const text = key === 'Enter' ? '\r' : key.length === 1 ? key : undefined;
      const code = { windowsVirtualKeyCode: CODES[key] ?? key.toUpperCase().charCodeAt(0) };
      await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', key, ...code, ...(text && { text }) });
      await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', key, ...code });
    }
  }

  /** Text of the first element of a selector. */
  async text(selector: string): Promise<string> {
    return (await this.run(
      `document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`,
    )) as string;
  }

  /** A picture of the top of the page, as PNG. Sizes in CSS pixels, of which each has `scale` pixels. */
  async picture(width: number, height: number, scale: number): Promise<Buffer> {
    const size = { width, height, deviceScaleFactor: scale, mobile: false };
    await this.#send('Emulation.setDeviceMetricsOverride', size);
    await this.#send('Emulation.setScrollbarsHidden', { hidden: true });
    // Two frames: one in which elements learn their size, and one that is drawn with it.
    const frame = 'new Promise(requestAnimationFrame)';
    await this.run(`${frame}.then(() => ${frame})`);
    const { data } = await this.#send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data, 'base64');
  }
}
