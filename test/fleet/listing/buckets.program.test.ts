import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe.js';
import { FaultyServer, silence, status, until } from '../faulty-server.js';
import { list, uris } from '../listed.js';
import { S3Server, setEnvironment } from '../s3.js';

/** Listings of buckets: of moto, with a server in front that counts requests and fails. */

describeWith(['python3-moto'], 's3://', () => {
  let s3: S3Server;
  let front: FaultyServer;
  let restore: () => void;

  beforeAll(async () => {
    s3 = await S3Server.start();
    front = await FaultyServer.start(s3.endpoint);
    restore = setEnvironment(s3.environment(front.url));
    await s3.makeBucket('dumps');
    await s3.makeBucket('far', 'eu-central-1');
    for (const key of ['a/web1/core.1', 'a/web2/core.2', 'a/web2/deep/core.3', 'b/note.txt', 'core.top'])
      await s3.putObject('dumps', key, `content of ${key}`);
    await s3.putObject('dumps', 'a/empty.core', '');
    await s3.putObject('dumps', 'a/folder/', '');
    await s3.putObject('dumps', 'odd/a b+c%2F\u{1F4A3}\u0007ü&.core', 'odd');
  });
  afterAll(async () => {
    restore();
    await front.stop();
    await s3.stop();
  });

  test('lists a prefix by LIST requests alone', async () => {
    front.requests.length = 0;
    const listed = await list(['s3://dumps/a/']);
    expect(uris(listed)).toEqual([
      's3://dumps/a/web1/core.1',
      's3://dumps/a/web2/core.2',
      's3://dumps/a/web2/deep/core.3',
    ]);
    expect(listed.dumps[0]).toMatchObject({ size: 24, version: expect.stringMatching(/^"[0-9a-f]{32}"$/) });
    expect(Date.parse(listed.dumps[0]!.mtime!)).toBeGreaterThan(Date.now() - 600_000);
    expect(listed.codes).toEqual(['note folder-markers', 'strict files-empty']);
    expect(listed.wholes).toEqual(['s3://dumps/a/']);
    expect(front.requests.filter(({ method, path }) => method === 'GET' && path !== '/dumps/')).toEqual([]);
  });

  test.each<[string, string[]]>([
    ['s3://dumps/a/**/core.*', ['a/web1/core.1', 'a/web2/core.2', 'a/web2/deep/core.3']],
    ['s3://dumps/a/*/core.*', ['a/web1/core.1', 'a/web2/core.2']],
    ['s3://dumps/core.*', ['core.top']],
    ['s3://dumps/{a,b}/*[12t]/{core.1,core.2}', ['a/web1/core.1', 'a/web2/core.2']],
    ['s3://dumps/a/web1/core.1', ['a/web1/core.1']],
  ])('%s', async (glob, keys) => {
    const listed = await list([glob]);
    expect(uris(listed)).toEqual(keys.map((key) => `s3://dumps/${key}`));
    expect(listed.codes.filter((code) => code.startsWith('incomplete'))).toEqual([]);
  });

  test('keeps any character of a key, in a URI that can be shown', async () => {
    const listed = await list(['s3://dumps/odd/']);
    expect(uris(listed)).toEqual(['s3://dumps/odd/a b+c%252F\u{1F4A3}%07ü&.core']);
  });

  test.each([
    ['s3://dumps/nothing/', 'incomplete no-files'],
    ['s3://no-such-bucket/a', 'incomplete object-gone'],
  ])('%s is reported', async (input, code) => {
    const listed = await list([input, 's3://dumps/core.top']);
    expect(listed.codes).toEqual([code]);
    expect(uris(listed)).toEqual(['s3://dumps/core.top']);
  });

  test('refuses what is no name of a bucket', async () => {
    await expect(list(['s3://../x'])).rejects.toMatchObject({ code: 'wrong-bucket', exit: 3 });
  });

  test('refuses a bucket of another region, unless that is allowed', async () => {
    await s3.putObject('far', 'core', 'far away');
    const refused = await list(['s3://far/']);
    expect(refused.codes).toEqual(['incomplete egress-refused']);
    expect(refused.notices[0]?.message).toMatch(/eu-central-1.*us-east-1/);
    expect(uris(await list(['s3://far/'], { allowEgress: true }))).toEqual(['s3://far/core']);
  });

  test('tries again what fails for a while, and reports what fails each time', async () => {
    front.faults.set('/dumps/', until(2, status(503), undefined));
    expect(uris(await list(['s3://dumps/core.top']))).toEqual(['s3://dumps/core.top']);
    for (const [fault, code] of [
      [status(503), 'object-unreachable'],
      [status(403), 'access-denied'],
      [silence, 'object-unreachable'],
    ] as const) {
      front.requests.length = 0;
      front.faults.set('/dumps/', fault);
      const listed = await list(['s3://dumps/core.top']);
      expect(listed.codes).toEqual([`incomplete ${code}`]);
      expect(listed.wholes).toEqual([]);
      expect(front.requests.length).toBeLessThanOrEqual(8);
    }
    front.faults.clear();
  });

  test('pages by 1,000, and ends at an abort', async () => {
    const keys = Array.from({ length: 2203 }, (_, i) => `core.${String(i).padStart(5, '0')}`);
    // Putting as many objects takes moto longer than all other tests; bench/fleet-reading.ts does.
    front.faults.set('/many/', ({ url = '' }, answer) => {
      const from = Number(new URL(url, front.url).searchParams.get('continuation-token') ?? 0);
      const page = keys.slice(from, from + 1000);
      const more = from + page.length < keys.length;
      const contents = page.map(
        (key) => `<Contents><Key>${key}</Key><Size>7</Size><ETag>&quot;e-${key}&quot;</ETag></Contents>`,
      );
      const next = more ? `<NextContinuationToken>${from + page.length}</NextContinuationToken>` : '';
      answer.writeHead(200, { 'content-type': 'application/xml' });
      answer.end(
        `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
      );
    });
    front.requests.length = 0;
    const listed = await list(['s3://many/']);
    expect(listed.batches).toEqual([1000, 1000, 203]);
    expect(uris(listed)).toEqual(keys.map((key) => `s3://many/${key}`));
    expect(listed.dumps[2202]).toMatchObject({ version: '"e-core.02202"', size: 7 });
    expect(front.of('GET')).toBe(3);
    const stopped = list(['s3://many/'], { signal: AbortSignal.abort('enough') });
    await expect(stopped).rejects.toBe('enough');
  });
});
