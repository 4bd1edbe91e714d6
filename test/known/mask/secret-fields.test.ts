import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken, npmToken } from '../../../fixtures/tokens.js';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import type { ScanEvent } from '../../../src/core/model/report.js';
import { Masker } from '../../../src/known/mask/mask.js';
import { sanitize } from '../../../src/known/mask/sanitize.js';
import { reporters } from '../../../src/report/reporters.js';
import { artifact, find, finding, keyFinding, run, summary } from '../../report/events.js';
import { blocksOf } from '../../report/html-blocks.js';
import { render } from '../../report/render.js';
import { shownSecrets } from '../../support/naive-oracle.js';
import { SPELLINGS } from '../../support/spellings.js';

/**
 * Every secret in every encoding in every field with text from outside, in every format. The whole matrix, of
 * 200 secrets, takes minutes: `DUMPSIEVE_MATRIX=whole`.
 */
const COUNT = process.env.DUMPSIEVE_MATRIX === 'whole' ? 200 : 6;

const random = new SeededRandom('secrets in fields');
const makers: (() => Buffer)[] = [
  () => Buffer.from(githubToken(random)),
  () => Buffer.from(npmToken(random)),
  () => random.bytes(32),
  () => Buffer.from(random.text(24, 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789')),
  () => random.bytes(128),
  () => random.bytes(16),
];
const SECRETS = Array.from({ length: COUNT }, (_, i) => makers[i % makers.length]!());

const masker = new Masker();
for (const secret of SECRETS) {
  if (/[^\x20-\x7e]/.test(secret.toString('latin1'))) masker.addNumber(new Secret(secret), 'key');
  else masker.add(new Secret(secret), 'token');
}

/** The kinds of name, by the field of an event that holds them. */
const KINDS: Readonly<Record<string, (name: string) => ScanEvent[]>> = {
  'file name': (name) => [artifact({ path: `dumps/${name}.core` })],
  'folder and member': (name) => [artifact({ path: `dumps/${name}/app.tar.gz!${name}` })],
  'thread or process name': (name) => [artifact({ process: { name } })],
  argv: (name) => [artifact({ process: { command: `node server.js --key=${name} -v` } })],
  executable: (name) => [artifact({ process: { executable: `/srv/${name}` } })],
  module: (name) => [
    artifact({ process: { modules: [{ path: `/srv/${name}/lib.so`, address: '0x1000', buildId: name }] } }),
  ],
  'name of a region': (name) => [
    keyFinding({ location: { path: 'a', offset: 0, length: 1, region: { kind: 'object', name } } }),
  ],
  'class, field and variable': (name) => [
    finding({
      occurrences: [
        { artifact: 0, offset: 0, length: 1, region: { kind: 'environment', name: `${name} (x)` } },
      ],
    }),
  ],
  certificate: (name) => [
    keyFinding({
      key: {
        ...keyFinding().key!,
        certificates: [
          {
            ...{
              subject: `CN=${name}`,
              san: [name],
              issuer: `O=${name}`,
              serial: name,
              notAfter: 'x',
              offset: 0,
            },
            ...{ signed: false, form: 'tbs-certificate' },
          },
        ],
      },
    }),
  ],
  'names and tokens of a key': (name) => [
    keyFinding({
      key: {
        ...keyFinding().key!,
        keyIds: [name],
        accounts: [`${name}@example.com`],
        tokens: [{ artifact: 0, offset: 1, issuer: `https://${name}`, subject: name }],
        tokenCount: 1,
      },
    }),
  ],
  'claims of a JWT': (name) => [finding({ claims: { iss: `https://${name}`, kid: name, [name]: '1' } })],
  'comment of a key': (name) => [keyFinding({ title: `SSH key ${name}`, notes: [`comment ${name}`] })],
  proof: (name) => [keyFinding({ proof: [`verifies ${name}`], impact: name, rotate: name })],
  'name of a rule': (name) => [finding({ ruleId: name, alsoMatched: [name] })],
  'target of --find': (name) => [find({ name: `.env: ${name}` })],
  'warning and hint': (name) => [
    summary({ warnings: [{ code: 'path-missing', message: `${name} does not exist`, hint: name }] }),
  ],
  'range not read': (name) => [
    artifact({
      coverage: {
        file: { bytes: 1, unread: [{ offset: 0, length: 1, reason: name }] },
        limits: [{ offset: 0, length: 1, search: 'copies', target: 'blind', left: 1, reason: name }],
      },
    }),
  ],
  'argument of the command line': (name) => [run({ options: { paths: [name], find: [name] } })],
};

/** A whole report around these events. */
function framed(events: readonly ScanEvent[]): ScanEvent[] {
  const last = events.some(({ type }) => type === 'summary') ? [] : [summary()];
  return [run(), artifact(), ...events, ...last];
}

/** A report without the script and style that each HTML report has, and with what its data say. */
const variable = (format: string, report: string): string =>
  format === 'html' ? `${report.replace(PAGE, '')}\n${JSON.stringify(blocksOf(report))}` : report;

const PAGE = /<style>[\s\S]*?<\/style>|<script>[\s\S]*?<\/script>/g;

const cases = Object.keys(reporters).flatMap((format) =>
  Object.keys(SPELLINGS).map((spelling) => [format, spelling] as const),
);

test.each(cases)('%s shows no secret in %s', (format, spelling) => {
  const write = SPELLINGS[spelling]!;
  const parts = Object.values(KINDS).flatMap((kind) => {
    const events = SECRETS.map((secret) => kind(write(secret)).map((event) => sanitize(event, masker)));
    // A report has one event of these types.
    const isSingle = events.flat().some(({ type }) => type === 'run' || type === 'summary');
    return (isSingle ? events : [events.flat()]).map((each) =>
      render(format, framed(each), { width: 100_000 }),
    );
  });
  // Each report on its own line, so that the end of one and the start of the next are no encoding.
  expect(shownSecrets(SECRETS, parts.map((part) => variable(format, part)).join('\n'))).toEqual([]);
});

test('the oracle sees a secret in every field and encoding', () => {
  const missed = Object.entries(KINDS).flatMap(([kind, events]) =>
    Object.entries(SPELLINGS)
      .filter(([, write]) => {
        const text = render('json', framed(events(write(SECRETS[0]!))));
        return shownSecrets(SECRETS, text).length === 0;
      })
      .map(([spelling]) => `${kind}, ${spelling}`),
  );
  expect(missed).toEqual([]);
});
