import { basename } from 'node:path';
import { canonicalPrivateKey, describeKey } from '../../core/asn1/private-key.js';
import { sha256Hex } from '../../core/asn1/spki.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { DumpsieveError } from '../../core/base/runtime/errors.js';
import { defineWarnings, type Warning } from '../../core/base/runtime/warnings.js';
import type { Component, KeyMaterial } from '../../core/model/key-material.js';
import type { AskedBy } from '../../core/model/report.js';
import type { Rulebook } from '../../detect/rulebook/rulebook.js';
import { scanBytes } from '../../detect/rulebook/scan-bytes.js';
import { identify, identifySecret, quickFingerprint, type SecretIdentity } from '../../prove/fingerprint.js';
import { identityOfSpki } from '../../prove/identity-of-spki.js';
import { knownKey } from '../../prove/private-half.js';
import { prove } from '../../prove/prove.js';
import { publicParts } from '../../prove/public-parts.js';
import type { ProvenResult } from '../../prove/types.js';
import { attempt, type FileEntry } from '../secret-files/keys.js';
import { readEntries } from '../secret-files/read.js';
import { readTargetFiles, type TargetFile, type TargetFilesRead } from '../secret-files/target-files.js';

/** The private half of a target key. */
interface TargetPrivate {
  /** One encoding of it, as a finding identifies it. */
  secret: Secret;
  material: KeyMaterial;
  title: string;
  preview: string;
  proof: ProvenResult;
}

/** One target of `--find`, with everything that can be searched for. */
export interface FindTarget {
  name: string;
  /** Further labels of the same key or value in its file. */
  alsoNamed?: readonly string[];
  askedBy: AskedBy;
  /**
   * Id of its finding. Undefined if only an SSH fingerprint is known. If only a digest is known, it may
   * change when the key is seen.
   */
  finding?: string;
  spki?: Uint8Array;
  spkiSha256?: string;
  sshFingerprint?: string;
  /** Integers of the public half that are searched for on their own. */
  publicParts: readonly Component[];
  private?: TargetPrivate;
  value?: Secret;
}

type Facts = Omit<FindTarget, 'name' | 'alsoNamed'>;

/** A secret of a file that the user named: the private components of a key, or a value. */
export type KnownSecret = { components: readonly Component[] } | { value: Secret };

/** The secrets of targets: private components and values. */
export function* knownSecretsOf(targets: readonly FindTarget[]): Generator<KnownSecret> {
  for (const { value, private: half } of targets) {
    if (value) yield { value };
    if (half) yield { components: half.proof.components };
  }
}

/** The secrets of a file's entries; a private half that is not proven is masked as it is. */
export function* secretsOf(entries: readonly FileEntry[], book: Rulebook): Generator<KnownSecret> {
  for (const entry of entries) {
    if (entry.type === 'value') yield { value: entry.value };
    if (entry.type !== 'key' || entry.holder === undefined) continue;
    const half = attempt(() => privateHalf(entry.holder!, book, ''));
    yield half === undefined ? { value: entry.holder } : { components: half.proof.components };
  }
}

/** As `ssh-keygen -l` prints it; undefined for keys that SSH does not support. */
export const sshFingerprintOf = (spki: Uint8Array): string | undefined =>
  identityOfSpki(spki)?.facts.sshFingerprint;

/** The private half in `holder`, found by the detectors of a scan, and proven; undefined if there is none. */
function privateHalf(holder: Secret, book: Rulebook, name: string): TargetPrivate | undefined {
  const material = scanBytes(holder.reveal(), book).find((each) => each.material)?.material;
  if (material === undefined) return undefined;
  const proof = prove(material);
  const proven =
    proof.status === 'unproven' && proof.pending ? { ...proof.pending, facts: proof.facts } : proof;
  if (!('components' in proven)) throw unproven(name, proof.status === 'proven' ? '' : proof.why);
  const { algorithm, bits } = describeKey(material);
  const title = `${algorithm} private key`;
  return {
    secret: new Secret(canonicalPrivateKey(material)),
    material,
    title,
    preview: bits === undefined ? title : `${title}, ${bits} bits`,
    proof: knownKey(proven, proven.facts ?? { algorithm }),
  };
}

function unproven(name: string, why: string): DumpsieveError {
  return new DumpsieveError({
    code: 'find-no-key',
    message: `${name}: ${why}`,
    hint: 'check the file given to --find',
  });
}

const readers: {
  [T in Searchable['type']]: (entry: Extract<Searchable, { type: T }>, book: Rulebook, name: string) => Facts;
} = {
  key: ({ spki, holder }, book, name) => {
    const half = holder && privateHalf(holder, book, name);
    const spkiSha256 = sha256Hex(spki);
    return {
      askedBy: half ? 'private-key' : 'public-key',
      finding: `v1:${spkiSha256}`,
      spki,
      spkiSha256,
      publicParts: publicParts(spki),
      ...definedFields({ private: half }),
    };
  },
  value: ({ value }) => ({ askedBy: 'value', finding: identifySecret(value).id, value, publicParts: [] }),
  digest: ({ spkiSha256 }) => ({
    askedBy: 'digest',
    finding: `v1:${spkiSha256}`,
    spkiSha256,
    publicParts: [],
  }),
  'ssh-fingerprint': ({ sshFingerprint }) => ({
    askedBy: 'ssh-fingerprint',
    sshFingerprint,
    publicParts: [],
  }),
};

const FIND = {
  unreadable: { code: 'find-unreadable', hint: 'check the path given to --find' },
  unknown: 'find-not-recognised',
};

const NOT_UNDERSTOOD =
  'it was not searched for: give its password (--find-password-file), repair or remove it; ' +
  'with it --expect-absent never exits 0';

/** An entry that can be searched for. */
type Searchable = Exclude<FileEntry, { type: 'unread' }>;
const isSearchable = (entry: FileEntry): entry is Searchable => entry.type !== 'unread';

/** An argument that is a digest, not a file. */
const PREFIX = /^(?:sha256|v1):/i;
const DIGEST = /^(?:sha256|v1):[0-9a-f]{64}$|^SHA256:[A-Za-z0-9+/]{43}=?$/i;

/** Settings named in one warning. */
const NAMED = 20;

/**
 * Reads the targets, file by file. A target is named after its file and, in a file of several, by its label.
 * Throws (exit 3) for a file that cannot be read, in which nothing is recognised, or which no password opens.
 */
export async function readFindTargets(
  paths: readonly string[],
  book: Rulebook,
  passwords: readonly Secret[],
): Promise<{ targets: FindTarget[]; notices: Warning[] }> {
  const targets: FindTarget[] = [];
  const notices: Warning[] = [];
  const names = new Map<string, number>();
  const files: TargetFile[] = [];
  for (const path of paths) {
    const { files: read, unread } = await filesAt(path, passwords);
    files.push(...read);
    for (const message of unread)
      notices.push(warnings.of('find-not-understood', { message, hint: NOT_UNDERSTOOD }));
  }
  for (const { name: file, entries } of files) {
    const all = entries.filter(isSearchable);
    const settings = all.filter((entry) => entry.type === 'value' && entry.setting);
    // Settings are searched for if the file has nothing else.
    const things = settings.length < all.length ? all.filter((entry) => !settings.includes(entry)) : all;
    if (things.length < all.length) notices.push(leftOut(file, settings));
    for (const [i, entry] of things.entries()) {
      const name = unique(nameOf(file, entry, things.length, i), names);
      const facts = (readers[entry.type] as (entry: Searchable, book: Rulebook, name: string) => Facts)(
        entry,
        book,
        name,
      );
      const isLabelled = things.length > 1 || entry.type === 'value';
      targets.push({
        name,
        ...definedFields({ alsoNamed: isLabelled ? entry.alsoNamed : undefined }),
        ...facts,
      });
    }
  }
  return { targets, notices };
}

async function filesAt(path: string, passwords: readonly Secret[]): Promise<TargetFilesRead> {
  try {
    return await readTargetFiles(path, { ...FIND, passwords });
  } catch (error) {
    if (!(error instanceof DumpsieveError && error.code === FIND.unreadable.code)) throw error;
    if (!DIGEST.test(path)) throw PREFIX.test(path) ? noDigest(error) : error;
    const entries = await readEntries(Buffer.from(path, 'utf8'));
    return { files: [{ name: basename(path), entries }], unread: [] };
  }
}

const SSH_DIGEST = 'SHA256: and 43 characters, as ssh-keygen -l prints it';

function noDigest({ code, message }: DumpsieveError): DumpsieveError {
  return new DumpsieveError({
    code,
    message: `${message}, and it is not a digest`,
    hint: `a digest is sha256: and 64 hexadecimal digits, or ${SSH_DIGEST}`,
  });
}

function nameOf(file: string, { type, label }: FileEntry, count: number, index: number): string {
  if (label === '') return count > 1 ? `${file}: ${index + 1}` : file;
  return count > 1 || type === 'value' ? `${file}: ${label}` : file;
}

/** Two folders can each have a `tls.key`. */
function unique(name: string, names: Map<string, number>): string {
  const count = (names.get(name) ?? 0) + 1;
  names.set(name, count);
  return count === 1 ? name : `${name} (${count})`;
}

function leftOut(file: string, settings: readonly FileEntry[]): Warning {
  const labels = settings.flatMap(({ label, alsoNamed = [] }) => [label, ...alsoNamed]);
  const named = labels.slice(0, NAMED);
  const more = labels.length > NAMED ? ` and ${labels.length - NAMED} more` : '';
  return warnings.of('find-settings-left-out', {
    message: `${file}: not searched for, because they look like settings: ` + `${named.join(', ')}${more}`,
    hint: 'to search for one of them, put it in a file of its own',
  });
}

const warnings = defineWarnings({
  // Part of a --find file was not searched for: the answers for the rest do not cover it.
  'find-not-understood': 'strict',
  'find-settings-left-out': 'note',
});

/**
 * Identities of findings of a target, if rules find it. A key is known by its public half, or by a private
 * number of it where a dump lacks the public half; a value by its bytes, which come first, or by what a rule
 * makes of the whole of it.
 */
export function identitiesOf(target: FindTarget, book: Rulebook): SecretIdentity[] {
  const { finding, private: half, value } = target;
  const all =
    value === undefined
      ? [finding ?? [], half ? numbersOf(half.material) : []].flat().map((id) => ({ id, fingerprint: id }))
      : valueIdentities(value, book);
  return [...new Map(all.map((each) => [each.id, each])).values()];
}

/** A number without a public half is identified by a fast hash (`identify`). */
const numbersOf = (material: object): string[] =>
  Object.values(material)
    .filter((part) => part instanceof Secret)
    .map((number) => quickFingerprint(identifySecret(number)));

function valueIdentities(value: Secret, book: Rulebook): SecretIdentity[] {
  const bytes = value.reveal();
  const whole = scanBytes(bytes, book).filter(
    ({ offset, length }) => offset === 0 && length === bytes.length,
  );
  return [identifySecret(value), ...whole.map((candidate) => identify(candidate))];
}
