import { describe, expect, test } from '@jest/globals';
import { VERIFY_FLAGS } from '../../../src/cli/flags.js';
import { checkVerifyOptions } from '../../../src/core/options/check-options.js';
import { VERIFY_OPTIONS } from '../../../src/core/options/redact-table.js';

const NEEDED = { manifest: 'copy.manifest.json', file: new Uint8Array([0x63]), key: 'minisign.pub' };

describe('the table of options of verify', () => {
  test('lists every row in the help once', () => {
    expect(new Set(VERIFY_FLAGS)).toEqual(new Set(Object.values(VERIFY_OPTIONS)));
  });

  test.each(['manifest', 'file', 'key'])('needs %s', (name) => {
    expect(() => checkVerifyOptions(NEEDED)).not.toThrow();
    expect(() => checkVerifyOptions({ ...NEEDED, [name]: undefined })).toThrow(`the option ${name} is not`);
    expect(() => checkVerifyOptions({ ...NEEDED, [name]: 5 })).toThrow(`the option ${name} is not`);
  });

  test('has no option of the command alone', () => {
    expect(() => checkVerifyOptions({ ...NEEDED, quiet: true })).toThrow('there is no option "quiet"');
  });
});
