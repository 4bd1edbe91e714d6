import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { displayName } from '../../src/core/base/text/escape.js';
import { pathUri } from '../../src/report/sarif.js';
import fc from '../support/property.js';
import { artifact, finding, run, summary } from './events.js';
import { render } from './render.js';
import { sarifProblems } from './schemas.js';

describe('paths as URIs', () => {
  const base = resolve('/work/checkout');
  test.each([
    ['dumps/core.1', 'dumps/core.1'],
    ['./a b%c#d?e', 'a%20b%25c%23d%3Fe'],
    ['x!core', 'x%21core'],
    ['a:b', 'a%3Ab'],
    ['core.a\\x2eout', 'core.a%5Cx2eout'],
    ['\\xff\\xe9\\x0a', '%FF%E9%0A'],
    ['ключ', '%D0%BA%D0%BB%D1%8E%D1%87'],
    ['\\u{202e}', '%E2%80%AE'],
    ['[1] "<>^`{|}', '%5B1%5D%20%22%3C%3E%5E%60%7B%7C%7D'],
    ['.', '.'],
    ['..x', '..x'],
    ['-', 'file:///dev/stdin'],
    ['../outside/core', pathToFileURL(resolve('/work/outside/core')).href],
    [resolve('/var/crash/core'), pathToFileURL(resolve('/var/crash/core')).href],
    [resolve('/work/checkout/in/core'), 'in/core'],
    [resolve('/work/checkout2/core'), pathToFileURL(resolve('/work/checkout2/core')).href],
  ])('%s', (path, uri) => {
    expect(pathUri({ file: path, inside: [] }, base)).toBe(uri);
  });

  test('content follows its container', () => {
    const inside = ['core', 'a!b/c'].map((name) => ({ name, codec: 'gzip' }));
    expect(pathUri({ file: 'x!.gz', inside }, base)).toBe('x%21.gz!core!a%21b%2Fc');
    expect(pathUri({ file: '-', inside }, base)).toBe('file:///dev/stdin!core!a%21b%2Fc');
  });

  const posix = process.platform === 'win32' ? test.skip : test;
  posix('any name gives a URI by the schema that leads back to its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const name = Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x25 : byte)));
        if (/^\.{1,2}$/.test(name.toString())) return;
        const path = displayName(name);
        const report = render('sarif', [run(), artifact({ path }), finding(), summary()]);
        expect(sarifProblems(report)).toEqual([]);
        const { uri } = JSON.parse(report).runs[0].artifacts[0].location;
        expect(uri).toMatch(/^[\w.~$&'()*+,;=@%-]+$/);
        const back = uri.replace(/%(..)/g, (_: string, hex: string) =>
          Buffer.from(hex, 'hex').toString('latin1'),
        );
        expect(back).toBe(name.toString('latin1'));
      }),
      { numRuns: 100 },
    );
  });
});
