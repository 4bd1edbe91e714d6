/**
 * Writes public-roots.txt: `node build/data/public-roots.mjs [FILE.pem…]` adds the roots of this Node
 * (Mozilla's list) and of the files, such as Debian's /etc/ssl/certs/ca-certificates.crt, to those in the
 * file.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

const OUT = new URL('../../src/prove/judge/public-roots.txt', import.meta.url);
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const files = process.argv.slice(2).flatMap((path) => readFileSync(path, 'latin1').match(PEM) ?? []);
const digests = [...rootCertificates, ...files].map((pem) => {
  const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 32);
});
const before = existsSync(OUT) ? (readFileSync(OUT, 'utf8').match(/\b[0-9a-f]{32}\b/g) ?? []) : [];
const all = [...new Set([...before, ...digests])].sort();
writeFileSync(OUT, `${all.join('\n')}\n`);
console.log(`${all.length} public roots`);
