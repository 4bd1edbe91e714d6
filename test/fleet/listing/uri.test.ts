import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fileUri, placeOf, s3Uri, shownName, shownPath } from '../../../fleet/src/listing/uri.js';
import { cases } from '../../support/property.js';

const EXACT = { numRuns: cases(300) };

describe('URIs', () => {
  test.each<[Buffer, string]>([
    [Buffer.from('/srv/core.1'), 'file://web1/srv/core.1'],
    [Buffer.from('/a b/ü%#?'), 'file://web1/a%20b/%C3%BC%25%23%3F'],
    [Buffer.from([0x2f, 0xff, 0x0a]), 'file://web1/%FF%0A'],
  ])('of a file', (path, uri) => {
    expect(fileUri(path, 'web1')).toBe(uri);
  });

  test('of a file has its path, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const path = Buffer.concat([Buffer.from('/'), bytes]);
        const uri = fileUri(path, 'web1');
        expect(uri).toMatch(/^[!-~]+$/);
        expect(placeOf(uri)).toEqual({ scheme: 'file', host: 'web1', path });
      }),
      EXACT,
    );
  });

  test('of an object has its key, and is safe to print', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (key) => {
        const uri = s3Uri('bucket', key);
        expect(uri).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
        expect(placeOf(uri)).toEqual({ scheme: 's3', bucket: 'bucket', key });
      }),
      EXACT,
    );
    expect(s3Uri('bucket', 'dumps/a b+ü.core')).toBe('s3://bucket/dumps/a b+ü.core');
  });

  test.each([
    ['file://web1/a%20b/%FF', '/a b/\\xff', '/a b/\\xff'],
    ['s3://bucket/a%0Ab%25', 's3://bucket/a\\x0ab%', 'a\\x0ab%'],
    ['https://host/a%20b%0A', 'https://host/a b\\x0a', '/a b\\x0a'],
  ])('%s is shown decoded', (uri, name, path) => {
    expect(shownName(uri)).toBe(name);
    expect(shownPath(uri)).toBe(path);
  });

  test.each(['', 'core.1', 's3://bucket', 's3://bucket/', 'file://host', 'ftp://host/a', 'https://'])(
    '%s is none',
    (text) => {
      expect(placeOf(text)).toBeUndefined();
    },
  );
});
