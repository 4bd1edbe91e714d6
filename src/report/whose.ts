import type { CertificateFacts, Claims, Finding, KeyFacts } from '../core/model/report.js';
import { plural, shorten, unbroken } from './text.js';

/** Names are the dump's own: each is cut to this length. */
const NAME = 120;
/** Forms of keys that SSH uses: of these alone the fingerprint of SSH helps. */
const SSH_FORMS: ReadonlySet<string> = new Set(['openssh', 'openssh-shielded', 'putty']);

const FORMS: Readonly<Record<CertificateFacts['form'], string>> = {
  certificate: 'certificate',
  'tbs-certificate': "certificate's signed part (signature not in the dump)",
  'certificate-request': 'certificate request',
};

const day = (time: string): string => /^\d{4}-\d\d-\d\d/.exec(time)?.[0] ?? name(time);
const name = (text: string): string => unbroken(shorten(text, NAME));

/** `CN=api.example.com (O=Acme)`: the common name first, then the organisation. */
function subjectText(subject: string): string {
  const parts = subject.split(/,\s*(?=[A-Za-z]+=)/);
  const commonName = parts.find((part) => part.startsWith('CN='));
  const organisation = parts.find((part) => part.startsWith('O='));
  if (commonName === undefined) return name(subject);
  return organisation === undefined ? name(commonName) : `${name(commonName)} (${name(organisation)})`;
}

function certificateText({ subject, san, notAfter, form }: CertificateFacts): string {
  const what = FORMS[form] ?? FORMS.certificate;
  const other = san.filter((each) => !subject.includes(each));
  const names = subject === '' && other[0] !== undefined ? name(other[0]) : subjectText(subject);
  const more = subject !== '' && other.length > 0 ? `, also ${name(other[0]!)}` : '';
  const further = other.length > 1 ? ` and ${plural(other.length - 1, 'further name')}` : '';
  // A request has no end.
  const until = notAfter === '' ? '' : `, valid until ${day(notAfter)}`;
  return `${what} ${names}${until}${more}${further}`;
}

function tokenText({ issuer, subject, expires }: NonNullable<KeyFacts['tokens']>[number]): string {
  const parts = [
    ...(issuer === undefined ? [] : [`issuer ${name(issuer)}`]),
    ...(subject === undefined ? [] : [`subject ${name(subject)}`]),
    ...(expires === undefined ? [] : [`until ${day(expires)}`]),
  ];
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

const andMore = (count: number): string => (count > 0 ? ` and ${count} more` : '');

function keyTexts(key: KeyFacts, isSsh: boolean): string[] {
  const { certificates = [], keyIds = [], accounts = [], tokens = [], sshFingerprint } = key;
  const tokenCount = key.tokenCount ?? tokens.length;
  return [
    ...(certificates[0] ? [`${certificateText(certificates[0])}${andMore(certificates.length - 1)}`] : []),
    ...(accounts[0] === undefined ? [] : [`account ${name(accounts[0])}${andMore(accounts.length - 1)}`]),
    ...(keyIds[0] === undefined ? [] : [`key id ${name(keyIds[0])}${andMore(keyIds.length - 1)}`]),
    ...(isSsh && sshFingerprint ? [`SSH key ${sshFingerprint}`] : []),
    ...(tokenCount > 0
      ? [`signed ${plural(tokenCount, 'token')}${tokens[0] ? tokenText(tokens[0]) : ''}`]
      : []),
  ];
}

/** Claims of the owner, in the order in which they are shown. */
const CLAIMS = [
  ['iss', 'issuer'],
  ['sub', 'subject'],
  ['aud', 'audience'],
] as const;

/** `app@db.example.com:5432`: user and host of the password of a URL; undefined for other secrets. */
function accountText({ user, host }: Claims = {}): string | undefined {
  const parts = [user, host].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? undefined : parts.map((part) => name(String(part))).join('@');
}

function claimTexts({ claims = {}, location }: Finding): string[] {
  const { variable, exp } = claims;
  const isInRegion = variable === location.region.name;
  const account = accountText(claims);
  const claimed = CLAIMS.flatMap(([claim, what]) =>
    claims[claim] === undefined ? [] : [`${what} ${name(String(claims[claim]))}`],
  );
  return [
    ...(account === undefined ? [] : [account]),
    ...(variable === undefined || isInRegion ? [] : [`variable ${name(String(variable))}`]),
    ...claimed,
    ...(typeof exp === 'number' && Math.abs(exp) < 8.64e12
      ? [`until ${day(new Date(exp * 1000).toISOString())}`]
      : []),
  ];
}

export function isSshKey({ key, proof, occurrences }: Finding): boolean {
  const encodings = [key?.encoding, ...occurrences.map(({ encoding }) => encoding)];
  return (
    encodings.some((encoding) => encoding !== undefined && SSH_FORMS.has(encoding)) ||
    proof.some((statement) => /OpenSSH|PuTTY/.test(statement))
  );
}

/** Whose secret it is, as far as the dump says: names of certificates, accounts, issuers, users and hosts. */
export function whoseTexts(finding: Finding): string[] {
  const { key } = finding;
  return [...(key === undefined ? [] : keyTexts(key, isSshKey(finding))), ...claimTexts(finding)];
}

/** The shortest name of its owner: common name, account or key id; undefined if the dump has none. */
export function ownerName({ key, claims }: Finding): string | undefined {
  const certificate = key?.certificates?.[0];
  const commonName = certificate && /(?:^|,\s*)CN=([^,]+)/.exec(certificate.subject)?.[1];
  const named = commonName ?? certificate?.san[0] ?? key?.accounts?.[0] ?? key?.keyIds?.[0];
  return named === undefined ? accountText(claims) : name(named);
}
