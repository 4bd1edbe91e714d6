/**
 * What test files import as @jest/globals. They are modules of Node itself, evaluated once in a worker, and
 * share those that they import; so these functions belong to whichever file runs (jest.runner.js).
 */

let current = {};

/** From now on a file with these functions of jest's runs. */
export function runWith(globals) {
  current = globals;
}

const live = (name) =>
  new Proxy(() => {}, {
    apply: (_target, _this, args) => current[name](...args),
    get: (_target, key) => current[name][key],
  });

export const afterAll = live('afterAll');
export const afterEach = live('afterEach');
export const beforeAll = live('beforeAll');
export const beforeEach = live('beforeEach');
export const describe = live('describe');
export const expect = live('expect');
export const it = live('it');
export const jest = live('jest');
export const test = live('test');

/** Our own modules, of which a test file may have a second instance: those whose URL ends with its number. */
const OURS = new URL('./dist/', import.meta.url).href;

/** A hook of Node's module loader: this module is @jest/globals; what an instance imports has its number. */
export function resolve(specifier, { parentURL = '' }, next) {
  if (specifier === '@jest/globals') return { url: import.meta.url, shortCircuit: true };
  const [instance = ''] = /\?instance=\d+$/.exec(parentURL) ?? [];
  const numbered = (found) => (found.url.startsWith(OURS) ? { ...found, url: found.url + instance } : found);
  const found = next(specifier);
  return found instanceof Promise ? found.then(numbered) : numbered(found);
}
