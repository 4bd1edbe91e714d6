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

/** A hook of Node's module loader: this module is @jest/globals. */
export const resolve = (specifier, context, next) =>
  specifier === '@jest/globals' ? { url: import.meta.url, shortCircuit: true } : next(specifier, context);
