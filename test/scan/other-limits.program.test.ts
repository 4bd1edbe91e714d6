import { execFileSync } from 'node:child_process';
import { createHmac, createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import type { Limit } from '../../src/core/limits/limit.js';
import { OTHER_LIMITS, type OtherLimitName } from '../../src/core/limits/other-limits.js';
import { describeMaterial } from '../../src/detect/core/candidate.js';
import type { SecretCandidate } from '../../src/detect/core/types.js';
import { Examiner } from '../../src/detect/examine.js';
import { SegmentMap } from '../../src/formats/memory/segment-map.js';
import type { Segment } from '../../src/formats/memory/types.js';
import { documentationSecrets, USUAL_SECRETS } from '../../src/prove/documentation-secrets.js';
import { KeyJoiner } from '../../src/prove/judge/joiner.js';
import { readJwt } from '../../src/prove/judge/jwt.js';
import { KeyJudge } from '../../src/prove/judge/key-judge.js';
import { SessionJoiner } from '../../src/prove/judge/session-joiner.js';
import { type CopiesRequest, searchCopies } from '../../src/scan/copies-sweep.js';
import { DocumentedKeys } from '../../src/scan/documented-tokens.js';
import { Ledger } from '../../src/scan/ledger.js';
import type { OpenDump } from '../../src/scan/open-dump.js';
import { OwnedValues } from '../../src/scan/owned-values.js';
import { Fold } from '../../src/scan/policy/fold.js';
import { seamRuns } from '../../src/scan/seam-runs.js';
import { SessionSecrets } from '../../src/scan/session-secrets.js';
import { packTables } from '../../src/sweep/values/tables.js';
import { has, hitsOf, rule as ruleOf, ruleSet, viewOf } from '../detect/harness.js';
import { judged, strongText } from '../prove/judge/judged-builder.js';
import { RULE } from '../search/harness.js';
import { ed25519From } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';
import { addJudged } from './policy/add-judged.js';

/**
 * For every name of the table of limits outside of the searches: an artifact that reaches it, and how much is
 * left. With `--deep` it is gone where the table says so.
 */

interface Row {
  left: number;
  limits: (deep: boolean) => Limit[] | Promise<Limit[]>;
}

const random = new SeededRandom('other limits');
const LENGTH = 1 << 16;

/** A ledger, after something was entered. */
async function entered(
  use: (ledger: Ledger, dump: OpenDump) => unknown,
  parts: Partial<OpenDump> = {},
): Promise<Limit[]> {
  const dump = { artifact: { unread: [] }, dump: { unread: [] }, length: LENGTH, ...parts } as never;
  const ledger = new Ledger(dump);
  await use(ledger, dump);
  return ledger.limits;
}

function joined(use: (joiner: KeyJoiner) => void, deep = false, units?: number): Limit[] {
  const joiner = new KeyJoiner(deep ? 'deep' : 'normal', units);
  use(joiner);
  return joiner.limits();
}

function examined(text: string, deep: boolean): Examiner {
  const bytes = Buffer.from(text);
  const rules = ruleSet(ruleOf('jwk'));
  const most = { maxMatches: deep ? Number.POSITIVE_INFINITY : text === CROWDED ? 1 : 0 };
  const examiner = new Examiner(rules, viewOf(bytes), most);
  for (const _ of examiner.push(hitsOf(bytes, rules)));
  for (const _ of examiner.finish());
  return examiner;
}

/** Openings of keys that end at once, and a key whose beginning is farther than is then read. */
const CROWDED = `${'{"kty":"\n'.repeat(1000)}{"n":"${'a'.repeat(3000)}","kty":"RSA"}`;

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
function token(sub: number): Secret {
  const signed = `${encode({ alg: 'HS256' })}.${encode({ sub })}`;
  return Secret.text(`${signed}.${createHmac('sha256', 'foreign').update(signed).digest('base64url')}`);
}
const tokens = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ offset: i * 200, length: 100, text: token(i) }));

const cookie = (i: number): Secret => Secret.text(`s%3A${i}.${'A'.repeat(43)}`);

/** Cookies of Express that no secret has signed. */
function sessionsOf(
  { count, units = 1, most }: { count: number; units?: number; most?: { tokens: number; bytes: number } },
  tried: Secret[],
): Limit[] {
  const sessions = new SessionJoiner(units, most);
  for (let i = 0; i < count; i++) sessions.add({ offset: i * 100, length: 70 }, cookie(i));
  finish(sessions.joining(tried, 0));
  return [...sessions.limits()];
}

/** Texts that are named as secrets, tried on a cookie, with work for one trial. */
function textsTried(deep: boolean): Limit[] {
  const sessions = new SessionJoiner(deep ? Number.POSITIVE_INFINITY : 1);
  sessions.add({ offset: 0, length: 70 }, cookie(0));
  const search = new SessionSecrets(sessions.samples()!);
  const bytes = Buffer.from(['one', 'two', 'three'].map((each) => `\0SECRET=${each}-of-some\0`).join(''));
  for (const _ of search.candidates(RULE, bufferReader(bytes), false));
  return search.limits(bytes.length);
}

const ED25519 = ed25519From('other limits');
const SPKI = createPublicKey(ED25519).export({ format: 'der', type: 'spki' });

function key(): SecretCandidate {
  const seed = Buffer.from(ED25519.export({ format: 'jwk' }).d!, 'base64url');
  const material = { type: 'okp', curve: 'Ed25519', seed: new Secret(seed) } as const;
  return {
    ...{ type: 'candidate', rule: RULE, offset: 0, length: 32, extents: [{ offset: 0, length: 32 }] },
    ...{ notAdjacentInMemory: false, evidence: [], notes: [], partial: false, preview: '' },
    ...{ secret: describeMaterial(material, true).secret, confidence: 'high', encoding: 'bind', material },
  };
}

function judgedKeys(keys: number, deep: boolean, units?: number): Limit[] {
  const judge = new KeyJudge(undefined, deep ? 'deep' : 'normal', units);
  for (let i = 0; i < keys; i++) judge.take(key());
  return judge.limits(LENGTH);
}

const certified = (spki: Uint8Array, certificate: Uint8Array, offset = 0) =>
  ({ type: 'public', form: 'certificate', offset, length: certificate.length, spki, certificate }) as const;

function numbered(i: number): Buffer {
  const spki = Buffer.alloc(8);
  spki.writeUInt32BE(i);
  return spki;
}

/** Memory in two segments at the same addresses, with other bytes in each, and one that continues both. */
function overlapping(): Partial<OpenDump> {
  const address = 0x1000n;
  const segments: Segment[] = [0n, 0n, 4096n].map((distance, i) => ({
    ...{ offset: i * 4608, length: 4096, address: address + distance },
  }));
  const map = SegmentMap.of(segments);
  const dump = { unread: [], segments, seams: () => map.seams() };
  const whole = () => Promise.resolve({});
  const joined = { storage: (stored: unknown) => stored };
  return { dump, whole, joined, reader: bufferReader(random.bytes(LENGTH)) } as unknown as Partial<OpenDump>;
}

const copying = (complete: boolean): CopiesRequest =>
  ({ groups: [{ keys: [{}, {}], needles: { complete }, nets: [] }], knownPlaces: () => [] }) as never;

function folded(options: ConstructorParameters<typeof Fold>[0], secrets: readonly string[]): Limit[] {
  const fold = new Fold(options);
  fold.artifact(0, { path: 'core' });
  fold.artifact(1, { path: 'core.1' });
  for (const artifact of [0, 1])
    for (const [i, secret] of secrets.entries())
      addJudged(fold, judged(secret, { offset: 64 * i }, { artifact }));
  for (const _ of fold.findings());
  return [...fold.limits(0), ...fold.limits(1)];
}

/** Secrets of documentation apart from the most usual ones, which 1,000 tokens do not exhaust. */
const OTHERS = [...documentationSecrets()].length - USUAL_SECRETS;

const secrets = [1, 2, 3].map((seed) => strongText(seed));

const ROWS: { [K in OtherLimitName]: Row } = {
  detect: { left: 5, limits: (deep) => examined('{"kty":"oct"} '.repeat(5), deep).limits() },
  'jwk-reach': { left: 1, limits: (deep) => examined(CROWDED, deep).shortened() },
  windows: {
    left: 3,
    limits: () => entered((ledger) => ledger.reread({ cutWindows: 3, length: LENGTH } as OpenDump)),
  },
  seams: {
    left: 1,
    limits: () =>
      entered(async (ledger, dump) => {
        for await (const _ of seamRuns(dump, ledger, { pool: { sweep: () => [] } } as never));
      }, overlapping()),
  },
  'public-keys': {
    left: 2,
    limits: () =>
      joined((joiner) => {
        for (let i = 0; i < 50_002; i++)
          joiner.addPublic({ type: 'public', form: 'spki', offset: i, length: 8, spki: numbered(i) });
      }),
  },
  certificates: {
    left: 3,
    limits: () =>
      joined((joiner) => {
        for (let i = 0; i < 35; i++) joiner.addPublic(certified(SPKI, random.bytes(50)));
      }),
  },
  jwt: {
    left: 1,
    limits: () =>
      joined((joiner) => joiner.addJwt({ offset: 0, length: 1 }, Secret.text('a'.repeat(16_385)))),
  },
  tokens: {
    left: 10,
    limits: () =>
      joined((joiner) => {
        for (const { text, ...place } of tokens((1 << 17) + 10)) joiner.addJwt(place, text);
      }),
  },
  'jwt-signatures': {
    left: 20,
    limits: (deep) =>
      joined(
        (joiner) => {
          for (const { text, ...place } of tokens(100)) joiner.addJwt(place, text);
          joiner.join({ symmetric: new Secret(numbered(1)) });
        },
        deep,
        deep ? undefined : 80,
      ),
  },
  sessions: { left: 2, limits: () => sessionsOf({ count: 5, most: { tokens: 3, bytes: 1 << 20 } }, []) },
  'session-secrets': { left: 3, limits: textsTried },
  'session-proofs': {
    left: 4,
    limits: (deep) =>
      sessionsOf({ count: 5, units: deep ? Number.POSITIVE_INFINITY : 1 }, [Secret.text('x')]),
  },
  'certificate-signatures': {
    left: 2,
    limits: async (deep) => {
      const certificate = await selfSigned();
      return joined((joiner) => {
        joiner.addPublic(certified(SPKI, certificate));
        for (let i = 0; i < 1002; i++) joiner.addPublic(certified(numbered(i), certificate));
        joiner.join({ canonicalSpki: SPKI });
      }, deep);
    },
  },
  proof: { left: 1, limits: (deep) => judgedKeys(1, deep, deep ? undefined : 0) },
  'key-evidence': { left: 2, limits: (deep) => judgedKeys(20_002, deep) },
  'hmac-documented': {
    left: (1000 - Math.floor(200_000 / OTHERS)) * OTHERS,
    limits: (deep) => {
      const documented = new DocumentedKeys(deep ? 'deep' : 'normal');
      const open = tokens(1000).flatMap(({ offset, text }) => {
        const jwt = readJwt(text);
        return jwt ? [{ jwt, offset }] : [];
      });
      for (const _ of documented.of(open));
      return documented.limits();
    },
  },
  copies: { left: 2, limits: () => entered((ledger, dump) => searchCopies(dump, ledger, copying(false))) },
  owners: {
    left: 2,
    limits: () =>
      entered(async (ledger) => {
        const net = { values: { names: new SharedArrayBuffer(packTables([]).length) } };
        new Uint8Array(net.values.names).set(packTables([]));
        const dump = {
          *owners() {
            yield undefined;
            return { left: 0, warnings: [] };
          },
        };
        const values = new OwnedValues(
          { dump, length: LENGTH } as never,
          { book: { net, rules: ruleSet() }, effort: 'normal', signal: undefined } as never,
          1,
        );
        values.take({
          to: LENGTH,
          randomRuns: { offsets: Float64Array.of(0, 50, 99), ids: Uint32Array.of(20, 20, 20) },
        });
        await values.finish(ledger, () => {});
      }),
  },
  findings: { left: 2, limits: () => folded({ findings: 1 }, secrets).slice(0, 1) },
  occurrences: { left: 2, limits: () => folded({ occurrences: 1, furtherOccurrences: 1 }, secrets) },
  fingerprint: { left: 2, limits: () => folded({ slowFingerprints: 1 }, ['hunter1', 'hunter2', 'hunter3']) },
};

/** A certificate under its own key. */
function selfSigned(): Promise<Buffer> {
  return withTempDir((folder) => {
    const file = join(folder, 'key.pem');
    writeFileSync(file, ED25519.export({ format: 'pem', type: 'pkcs8' }));
    const request = ['req', '-x509', '-new', '-key', file, '-outform', 'DER', '-subj', '/CN=other'];
    return execFileSync('openssl', request, { stdio: ['ignore', 'pipe', 'ignore'] });
  });
}

const openssl = has('openssl', 'version') ? test : test.skip;

describe('a limit outside of the searches names what was left', () => {
  for (const [name, { left, limits }] of Object.entries(ROWS) as [OtherLimitName, Row][]) {
    const [, bound] = OTHER_LIMITS[name];
    (name === 'certificate-signatures' ? openssl : test)(name, async () => {
      const own = (await limits(false)).filter(({ search }) => search === name);
      expect(own).toEqual([expect.objectContaining({ target: 'blind', left })]);
      const [{ deep, length, reason }] = own as [Limit];
      expect(left > 0 && length >= 0 && reason.length > 10).toBe(true);
      expect(deep === true).toBe(bound === 'work');
      if (bound === 'work') expect((await limits(true)).filter(({ search }) => search === name)).toEqual([]);
    });
  }
});
