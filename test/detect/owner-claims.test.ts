import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import type { PublicRecord } from '../../src/detect/core/types.js';
import { certificateFacts, claimFacts } from '../../src/prove/judge/certificate-facts.js';
import {
  type CertificateParts,
  name,
  requestInfo,
  seq,
  signed,
  tbsCertificate,
  tlv,
} from '../support/der-builder.js';
import { detect, planted, records } from './harness.js';

/** What names the owner of a public key without a signature: TBSCertificates and certificate requests. */

const spki = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({
  format: 'der',
  type: 'spki',
});
const rsaSpki = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
  format: 'der',
  type: 'spki',
});

const found = (bytes: Uint8Array): PublicRecord[] => records(detect(bytes, ['spki']));
const claimsIn = (bytes: Uint8Array) => found(bytes).flatMap(({ claim }) => claim ?? []);

/** Structures of all shapes, by the oracle's builder. */
const STRUCTURES: [string, string, (parts: CertificateParts) => Buffer][] = [
  ['version 3', 'tbs-certificate', tbsCertificate],
  ['version 2', 'tbs-certificate', (parts) => tbsCertificate({ ...parts, version: 2, isUnique: true })],
  ['version 1', 'tbs-certificate', (parts) => tbsCertificate({ ...parts, version: 1 })],
  ['GeneralizedTime', 'tbs-certificate', (parts) => tbsCertificate({ ...parts, isLate: true })],
  ['no subject', 'tbs-certificate', (parts) => tbsCertificate({ ...parts, subject: name({}) })],
  ['request', 'certificate-request', requestInfo],
  [
    'request with names',
    'certificate-request',
    (parts) => requestInfo({ ...parts, san: ['a.example', 'b.example'] }),
  ],
];

describe('without an outer SEQUENCE', () => {
  test.each(STRUCTURES)('%s: a claim beside the key, whose place is its own', (_, form, build) => {
    for (const key of [spki, rsaSpki])
      for (const at of [0, 77]) {
        const tbs = build({ spki: key });
        const bytes = planted(tbs, at);
        const start = bytes.indexOf(key);
        expect(found(bytes)).toEqual([
          {
            type: 'public',
            form: 'spki',
            offset: start,
            length: key.length,
            spki: new Uint8Array(key),
            claim: { form, offset: at, der: new Uint8Array(tbs) },
          },
        ]);
      }
  });

  test('all cuts of one: the key alone', () => {
    const tbs = tbsCertificate({ spki });
    for (let length = 0; length < tbs.length; length++) expect(claimsIn(tbs.subarray(0, length))).toEqual([]);
    // Other bytes in the text of its last extension are another text.
    for (let length = tbs.indexOf(spki) + spki.length; length > 0; length--)
      for (const rest of [Buffer.alloc(128), randomBytes(128)])
        expect(claimsIn(Buffer.concat([tbs.subarray(0, length), rest]))).toEqual([]);
    for (let from = 1; from < tbs.length; from++)
      expect(claimsIn(Buffer.concat([Buffer.alloc(64), tbs.subarray(from)]))).toEqual([]);
  });

  test('over a seam at every offset of it: memory goes on elsewhere in the file', () => {
    const tbs = tbsCertificate({ spki });
    for (let cut = 1; cut < tbs.length; cut++) {
      const [first, second] = [tbs.subarray(0, cut), tbs.subarray(cut)];
      const bytes = Buffer.concat([second, Buffer.alloc(200), first]);
      const runs = [
        [
          { offset: second.length + 200, length: first.length },
          { offset: 0, length: second.length },
        ],
      ];
      const claims = records(detect(bytes, ['spki'], runs)).flatMap(({ claim }) => claim ?? []);
      // A seam in the anchor of the key leaves no hit here: a scan sweeps seams on their own.
      const at = cut - tbs.indexOf(spki);
      if (at <= 0 || at > 24) expect(claims.map(({ der }) => tbs.equals(der))).toEqual([true]);
    }
  });

  test('2,000 mutations: no error, and a claim is what its bytes say', () => {
    const structures = STRUCTURES.map(([, , build]) => build({ spki }));
    for (let i = 0; i < 2_000; i++) {
      const bytes = planted(structures[i % structures.length]!, 40);
      for (let count = 0; count <= i % 4; count++)
        bytes[40 + Math.floor(Math.random() * (bytes.length - 80))] = randomBytes(1)[0]!;
      for (const claim of claimsIn(bytes)) {
        expect(bytes.subarray(claim.offset, claim.offset + claim.der.length).equals(claim.der)).toBe(true);
        claimFacts(claim);
      }
    }
  });

  test('structures that only resemble one', () => {
    const algorithm = seq(tlv(6, Buffer.from('2a8648ce3d040302', 'hex')));
    for (const bytes of [
      seq(tlv(2, Buffer.of(0)), algorithm, spki),
      seq(tlv(2, Buffer.of(1)), name({ CN: 'x' }), spki, tlv(0xa0)),
      seq(tlv(2, Buffer.of(0)), name({ CN: 'x' }), spki),
      seq(tlv(2, Buffer.of(5)), algorithm, name({ CN: 'x' }), seq(algorithm), name({ CN: 'y' }), spki),
    ])
      expect(found(bytes).map(({ form, claim }) => [form, claim])).toEqual([['spki', undefined]]);
  });

  test('windows full of starts take linear time', () => {
    const start = Buffer.from('3082ffffa003020102020430820fff', 'hex');
    const flood = Buffer.concat(
      Array.from({ length: 2_000 }, (_, i) => (i % 20 === 0 ? Buffer.from(spki) : start)),
    );
    const before = process.cpuUsage();
    expect(found(flood)).toHaveLength(100);
    const { user } = process.cpuUsage(before);
    expect(user).toBeLessThan(1_000_000);
  });
});

describe('with a signature', () => {
  test.each(STRUCTURES.filter(([, form]) => form === 'tbs-certificate'))(
    '%s: a certificate, and no claim',
    (_, _form, build) => {
      const der = signed(build({ spki }));
      expect(
        found(planted(der, 33)).map(({ form, offset, length, claim }) => [form, offset, length, claim]),
      ).toEqual([['certificate', 33, der.length, undefined]]);
    },
  );

  test('a signature that is cut leaves the claim', () => {
    const der = signed(tbsCertificate({ spki }));
    expect(claimsIn(der.subarray(0, -1)).map(({ form, offset }) => [form, offset])).toEqual([
      ['tbs-certificate', 4],
    ]);
  });

  test.each(['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'])('a request in PEM: %s', (label) => {
    const info = requestInfo({ spki, san: ['a.example'] });
    const body = signed(info).toString('base64').replace(/.{64}/g, '$&\n');
    const pem = `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
    const all = found(planted(Buffer.from(pem), 21));
    expect(all.map(({ form, offset, claim }) => [form, offset, claim])).toEqual([
      ['spki', 21, { form: 'certificate-request', offset: 21, der: new Uint8Array(info) }],
    ]);
    for (let cut = 1; cut < 80; cut += 7) expect(claimsIn(Buffer.from(pem.slice(0, -cut - 40)))).toEqual([]);
  });

  test('a request stays one', () => {
    const info = requestInfo({ spki });
    const [claim] = claimsIn(signed(info));
    expect(claim).toMatchObject({ form: 'certificate-request', der: new Uint8Array(info) });
  });
});

describe('facts', () => {
  test('are those of the whole certificate', () => {
    const all = rootCertificates.map((pem) => new X509Certificate(pem).raw);
    for (const raw of all) {
      // The TBSCertificate is the first element; its header has two octets of length.
      const tbs = raw.subarray(4, 4 + 4 + raw.readUInt16BE(6));
      const [claim] = claimsIn(tbs);
      expect(claim?.form).toBe('tbs-certificate');
      expect(claimFacts(claim!)).toEqual({
        ...certificateFacts(raw, 0),
        ...{ signed: false, form: 'tbs-certificate' },
      });
    }
  });

  test('of a request', () => {
    const [claim] = claimsIn(
      requestInfo({ spki, subject: name({ O: 'Acme', CN: 'x' }), san: ['a.example'] }),
    );
    expect(claimFacts(claim!)).toEqual({
      ...{ subject: 'O=Acme, CN=x', san: ['DNS:a.example'], issuer: '', serial: '', notAfter: '' },
      ...{ offset: 0, signed: false, form: 'certificate-request' },
    });
  });

  test('are none where OpenSSL rejects it', () => {
    const tbs = tbsCertificate({ spki });
    expect(claimFacts({ form: 'certificate-request', offset: 0, der: tbs })).toBeUndefined();
    expect(claimFacts({ form: 'tbs-certificate', offset: 0, der: Buffer.of(0x30, 0) })).toBeUndefined();
  });
});
