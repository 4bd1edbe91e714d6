import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { canonicalSpki } from '../../../src/core/asn1/spki.js';
import type { CertificateFacts } from '../../../src/core/model/report.js';
import { scanJson } from '../../support/cli.js';
import { describeWith } from '../../support/describe.js';
import { withTempDir } from '../../support/folder.js';
import { freshKeys, writeKeys } from '../bare/keys.js';
import { dumpOf, type Program, stopAll } from '../bare/program.js';

/** Certificates of keys in dumps of real programs. The truth is an exact search for their bytes. */

function placesOf(dump: Buffer, bytes: Uint8Array): number[] {
  const places: number[] = [];
  for (let at = dump.indexOf(bytes); at >= 0; at = dump.indexOf(bytes, at + 1)) places.push(at);
  return places;
}

interface Truth {
  /** The whole certificate, as DER or PEM. */
  whole: number[];
  /** Its TBSCertificate; whole ones have it too. */
  signedPart: number[];
}

function truthOf(dump: Buffer, pem: string): Truth {
  const { raw } = new X509Certificate(pem);
  // Both headers have four octets: a certificate has between 256 and 65,535.
  const signedPart = raw.subarray(4, 8 + raw.readUInt16BE(6));
  return {
    whole: [...placesOf(dump, raw), ...placesOf(dump, Buffer.from(pem.trim(), 'latin1'))],
    signedPart: placesOf(dump, signedPart),
  };
}

const spkiOf = (key: KeyObject): string =>
  Buffer.from(canonicalSpki(createPublicKey(key).export({ format: 'der', type: 'spki' }))).toString('base64');

/** What a report must say of a certificate that is in the dump at these places. */
function expectNamed(named: readonly CertificateFacts[], { whole, signedPart }: Truth, name: string): void {
  const isWhole = whole.length > 0;
  const places = isWhole ? whole : signedPart;
  if (places.length === 0) {
    expect(named).toEqual([]);
    return;
  }
  expect(named).toEqual([
    expect.objectContaining({
      ...{ subject: `CN=${name}.example`, issuer: `CN=${name}.example` },
      ...{ signed: isWhole, form: isWhole ? 'certificate' : 'tbs-certificate' },
      notAfter: expect.stringMatching(/^20\d\d-\d\d-\d\dT/),
    }),
  ]);
  expect(places).toContain(named[0]!.offset);
}

export function describeNamed(programs: readonly Program[]): void {
  for (const { name, needs, keys: names, files, start } of programs)
    describeWith(['gdb', 'openssl', ...needs], `certificates in the memory of ${name}`, () => {
      test('name its keys where they are', async () => {
        await withTempDir(async (folder) => {
          const keys = freshKeys(names);
          const place = writeKeys(
            folder,
            keys,
            files.includes('certificate') ? files : [...files, 'certificate'],
          );
          const pems = Object.keys(keys).map((key) => readFileSync(join(place, `${key}.crt`), 'latin1'));
          let seen = 0;
          try {
            for (const process of await start(folder)) {
              const core = await dumpOf(process, folder);
              const dump = readFileSync(core);
              const { report } = await scanJson([core]);
              for (const [i, [key, object]] of Object.entries(keys).entries()) {
                const truth = truthOf(dump, pems[i]!);
                const finding = report.findings.find((each) => each.key?.spki === spkiOf(object));
                if (finding === undefined) continue;
                expectNamed(finding.key?.certificates ?? [], truth, key);
                seen += Number(truth.whole.length + truth.signedPart.length > 0);
              }
              rmSync(core);
            }
          } finally {
            await stopAll();
          }
          expect(seen).toBeGreaterThan(0);
        });
      });
    });
}
