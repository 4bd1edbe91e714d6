import { describe, expect, test } from '@jest/globals';
import { readAsset } from '../../src/core/base/runtime/assets.js';
import { failureWarning } from '../../src/source/failures.js';

const coded = (code: string): Error => Object.assign(new Error('a text that is not shown'), { code });

describe('the warning about a file that cannot be read', () => {
  test.each([
    ['of a failing disk', coded('EIO'), 'read-failed', /reading failed$/, /failing disk/],
    ['of the system', coded('EXYZ'), 'open-failed', /the system refused it \(EXYZ\)$/, /file system/],
    [
      'of a module',
      coded('ERR_MODULE_NOT_FOUND'),
      'installation-broken',
      /does not load/,
      /install it again/,
    ],
    ['of a package', coded('MODULE_NOT_FOUND'), 'installation-broken', /does not load/, /install it again/],
    ['of a library', coded('ERR_DLOPEN_FAILED'), 'installation-broken', /DLOPEN/, /install it again/],
    ['of another version', coded('ERR_PACKAGE_PATH_NOT_EXPORTED'), 'installation-broken', /./, /Node\.js/],
    ['of a damaged module', new SyntaxError('x'), 'installation-broken', /\(damaged\)/, /install it again/],
    [
      'of a damaged kernel',
      Object.assign(new Error('x'), { name: 'CompileError' }),
      'installation-broken',
      /./,
      /install/,
    ],
    ['of a stream', coded('ERR_STREAM_PREMATURE_CLOSE'), 'open-failed', /failed \(ERR_STREAM/, /by itself/],
    ['of this program', new TypeError('x'), 'open-failed', /failed \(TypeError\)$/, /report it/],
    ['of no kind', 'a text', 'open-failed', /failed \(string\)$/, /report it/],
  ])('%s says what it is', (_of, error, code, message, hint) => {
    const warning = failureWarning('core', error);
    expect(warning).toMatchObject({ code, effect: 'incomplete' });
    expect(warning.message).toMatch(message);
    expect(warning.message).not.toContain('not shown');
    expect(warning.hint).toMatch(hint);
  });
});

test('a file of the package that is missing is a broken installation', () => {
  expect(() => readAsset('no-such-table.bin')).toThrow(
    expect.objectContaining({
      code: 'installation-broken',
      message: 'a part of this program does not load: no-such-table.bin (ENOENT)',
      exit: 3,
    }),
  );
});
