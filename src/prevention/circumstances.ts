import type { ArtifactReport, Finding, Occurrence, ProcessFacts } from '../model/report.js';
import type { DumpedRuntime, Form, LinkedLibrary } from './measures.js';
import type { Circumstances } from './select.js';

/** Formats that only one runtime or system writes. */
const BY_FORMAT: Readonly<Record<string, readonly DumpedRuntime[]>> = {
  'elf-core': ['linux'],
  lime: ['linux'],
  minidump: ['windows'],
  'mach-o-core': ['macos'],
  hprof: ['java'],
  'v8-heap-snapshot': ['node'],
};

/** Programs and modules that show a runtime. */
const RUNTIME_NAMES: readonly [RegExp, DumpedRuntime][] = [
  [/^node(?:js)?(?:\.exe)?$|^libnode\b/i, 'node'],
  [/^java(?:\.exe)?$|^(?:lib)?jvm\b/i, 'java'],
  [/^python[\d.]*(?:\.exe)?$|^libpython/i, 'python'],
  [/^dotnet(?:\.exe)?$|^(?:lib)?coreclr\b/i, 'dotnet'],
];

const LIBRARY_NAMES: readonly [RegExp, LinkedLibrary][] = [
  [/^lib(?:crypto|ssl)\b|^openssl(?:\.exe)?$/i, 'openssl'],
  [/^libsodium\b/i, 'libsodium'],
  [/crashpad|breakpad/i, 'crashpad'],
];

/** Runtimes that carry OpenSSL in their own executable. */
const WITH_OPENSSL: readonly DumpedRuntime[] = ['node'];

/**
 * Addresses of Go's heap on 64-bit systems (malloc.go), its first 64 GiB: programs of Go have names and modules
 * of their own.
 */
const GO_HEAP = /^0x0*c[0-9a-f]{9}$/;

/** Encodings of a whole key or token. What is none of these and no number is text. */
const ENCODED = /^(?:pkcs[18]|sec1|openssh|jwk|cng|capi|der|sexp|putty|certificate)/;
const PEM = /^pem/;
const PLAIN = /^(?:utf8|base64|base64url|hex|session|jwt)$/;

const baseName = (path: string): string => path.split(/[/\\]/).at(-1) ?? '';

function namesOf({ name, executable, modules = [] }: ProcessFacts): string[] {
  return [name, executable, ...modules.map(({ path }) => path)].flatMap((each) =>
    each === undefined ? [] : [baseName(each)],
  );
}

/** What an artifact says about the program that was dumped. */
function programOf({ format, process = {} }: ArtifactReport): (DumpedRuntime | LinkedLibrary)[] {
  const names = namesOf(process);
  const shown = [...RUNTIME_NAMES, ...LIBRARY_NAMES].flatMap(([pattern, word]) =>
    names.some((name) => pattern.test(name)) ? [word] : [],
  );
  const byFormat = Object.hasOwn(BY_FORMAT, format) ? BY_FORMAT[format]! : [];
  const carried: LinkedLibrary[] = WITH_OPENSSL.some((runtime) => shown.includes(runtime)) ? ['openssl'] : [];
  return [...byFormat, ...shown, ...carried];
}

function formsOf({ encoding, component }: Occurrence, algorithm: string | undefined): Form[] {
  if (encoding !== undefined && PEM.test(encoding)) return ['pem'];
  if (encoding !== undefined && ENCODED.test(encoding)) return ['encoded'];
  if (component === undefined && (encoding === undefined || PLAIN.test(encoding))) return ['text'];
  if (algorithm === 'RSA') return ['numbers', 'rsa-numbers'];
  return algorithm === 'EC' ? ['numbers', 'ec-numbers'] : ['numbers'];
}

/** The circumstances of a finding. `artifactAt`: by number, undefined in a report that was cut. */
export function circumstancesOf(
  { occurrences, key }: Finding,
  artifactAt: (artifact: number) => ArtifactReport | undefined,
): Circumstances {
  const artifacts = new Set(occurrences.map(({ artifact }) => artifact));
  const program = [...artifacts].flatMap((artifact) => {
    const report = artifactAt(artifact);
    return report === undefined ? [] : programOf(report);
  });
  if (occurrences.some(({ address }) => address !== undefined && GO_HEAP.test(address))) program.push('go');
  const known = new Set<string>(program);
  return {
    runtimes: known as Set<DumpedRuntime>,
    libraries: known as Set<LinkedLibrary>,
    regions: new Set(occurrences.map(({ region }) => region.kind)),
    forms: new Set(occurrences.flatMap((each) => formsOf(each, key?.algorithm))),
  };
}
