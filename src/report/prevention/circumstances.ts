import type { ArtifactReport, Finding, Occurrence, ProcessFacts } from '../../core/model/report.js';
import { writerOf } from '../../formats/formats.js';
import type { DumpedRuntime, Form, LinkedLibrary, Measure } from './measures.js';

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
 * Addresses in the first 64 GiB of Go's heap on 64-bit systems (malloc.go). Neither name nor modules show
 * that a program is of Go.
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
  const writer = writerOf(format);
  const carried: LinkedLibrary[] = WITH_OPENSSL.some((runtime) => shown.includes(runtime)) ? ['openssl'] : [];
  return [...(writer === undefined ? [] : [writer]), ...shown, ...carried];
}

function formOf({ encoding, component }: Occurrence): Form {
  if (encoding !== undefined && PEM.test(encoding)) return 'pem';
  if (encoding !== undefined && ENCODED.test(encoding)) return 'encoded';
  return component === undefined && (encoding === undefined || PLAIN.test(encoding)) ? 'text' : 'numbers';
}

/** Keys whose measures differ by algorithm, in whatever form they are. */
const BY_ALGORITHM: Readonly<Record<string, Form>> = { RSA: 'rsa', EC: 'ec' };

function formsOf({ occurrences, key }: Finding): Set<Form> {
  const forms = new Set(occurrences.map(formOf));
  const algorithm = key?.algorithm ?? '';
  if (Object.hasOwn(BY_ALGORITHM, algorithm)) forms.add(BY_ALGORITHM[algorithm]!);
  return forms;
}

/** The circumstances of a finding. `artifactAt`: by number, undefined in a report that was cut. */
export function circumstancesOf(
  finding: Finding,
  artifactAt: (artifact: number) => ArtifactReport | undefined,
): Circumstances {
  const { occurrences } = finding;
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
    forms: formsOf(finding),
  };
}

/** What is known of a finding's places. A row applies if it has a word of each list, or no such list. */
interface Circumstances {
  runtimes: ReadonlySet<DumpedRuntime>;
  libraries: ReadonlySet<LinkedLibrary>;
  /** Kinds of memory. */
  regions: ReadonlySet<string>;
  forms: ReadonlySet<Form>;
}

const ORDER: readonly Measure['works'][] = ['yes', 'partly', 'no'];

/** The rows that apply, those that work first; of these the ones that know most about the place. */
export function applicable(all: readonly Measure[], known: Circumstances): Measure[] {
  const rows = all.filter(
    ({ runtime, library, region, form }) =>
      meets(runtime, known.runtimes) &&
      meets(library, known.libraries) &&
      meets(region, known.regions) &&
      meets(form, known.forms),
  );
  return rows.sort(
    (a, b) => ORDER.indexOf(a.works) - ORDER.indexOf(b.works) || conditions(b) - conditions(a),
  );
}

const meets = (words: readonly string[] | undefined, known: ReadonlySet<string>): boolean =>
  words === undefined || words.some((word) => known.has(word));

/** How much each condition says: the form of a copy decides more than where it lies. */
const WEIGHTS = { form: 3, library: 2, runtime: 1, region: 1 } as const;

const conditions = (row: Measure): number =>
  Object.entries(WEIGHTS).reduce(
    (sum, [name, weight]) => sum + (row[name as keyof typeof WEIGHTS] === undefined ? 0 : weight),
    0,
  );
