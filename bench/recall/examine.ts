import { execFile } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { covers, keyResults } from '../../test/e2e/bare/key-result.js';
import { sightingsIn } from '../../test/e2e/bare/oracle.js';
import { bruteForce, type Needle } from '../../test/support/needles.js';
import { type Report, validateReport } from '../../test/support/reports.js';
import { COMMAND } from '../command/measure.js';
import { foundBy } from './found-by.js';
import { ANY_FORM, type Row } from './row.js';

/** A dump and what its process held. */
export interface Dump {
  path: string;
  /** Role of one of several dumps of a program: `worker`, `HPROF`. */
  role?: string | undefined;
  keys: Readonly<Record<string, KeyObject>>;
  /** Whole encodings of keys, and tokens. */
  needles: readonly Needle[];
  /** File of a public key, for `--find`. */
  find?: string;
}

/** A row without the dump's names. */
type Found = Pick<Row, 'key' | 'form' | 'found' | 'places' | 'proven' | 'by'>;

function scanDump({ path, find }: Dump): Promise<Report> {
  const searched = find === undefined ? [] : ['--find', find];
  const args = [COMMAND, 'scan', '--format', 'json', ...searched, path];
  const options = { encoding: 'utf8', maxBuffer: 2 ** 30, env: { PATH: process.env.PATH } } as const;
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      // Status 1 is findings and 2 an incomplete scan: both have a report.
      if (stdout === '') reject(error ?? new Error(`no report: ${stderr}`));
      else resolve(validateReport(JSON.parse(stdout)));
    });
  });
}

/**
 * The byte search calls base64url without `-` and `_` base64. For a fresh key that is chance, so both are
 * one form. Keys of dumps with needles are fresh.
 */
const formOf = (encoding: string, { needles }: Dump): string =>
  needles.length > 0 ? encoding.replace('base64url', 'base64') : encoding;

/** Numbers of keys, by the byte search of test/e2e/bare. */
function numbersIn(dump: Dump, report: Report): Found[] {
  const byOf = foundBy(dump, report);
  const accounts = keyResults('', dump.keys, report, sightingsIn(dump.path, dump.keys));
  return accounts.flatMap(({ key, sighted, findable, found, proven, missed }) => {
    const whole = {
      key,
      form: ANY_FORM,
      found: found === undefined ? 0 : 1,
      places: 1,
      proven,
      by: byOf(key),
    };
    const inForm = (form: string) => (each: { encoding: string }) => formOf(each.encoding, dump) === form;
    const encodings = [...new Set(sighted.map(({ encoding }) => formOf(encoding, dump)))];
    const forms = encodings.map((form) => {
      const places = sighted.filter(inForm(form)).length;
      const lost = missed.filter(inForm(form)).length;
      return { key, form, found: places - lost, places, proven, by: '' };
    });
    return findable || found !== undefined ? [whole, ...forms] : forms;
  });
}

/** Whole encodings and tokens, by the byte search of test/support. */
function encodingsIn({ path, needles }: Dump, report: Report): Found[] {
  if (needles.length === 0) return [];
  const sightings = bruteForce(path, needles).map((sighting) => {
    const place = { offset: sighting.offset, length: sighting.bytes.length };
    const over = report.findings.filter(({ occurrences }) => occurrences.some((each) => covers(each, place)));
    const found = over.length > 0 ? 1 : 0;
    const proven = over.some(({ confidence }) => confidence === 'proven');
    return { key: sighting.secret, form: sighting.form, found, places: 1, proven, by: '' };
  });
  const ids = [...new Set(sightings.map(({ key, form }) => `${key}\t${form}`))];
  return ids.map((id) => {
    const all = sightings.filter(({ key, form }) => `${key}\t${form}` === id);
    const found = all.filter((each) => each.found > 0);
    return { ...all[0]!, found: found.length, places: all.length, proven: all.every(({ proven }) => proven) };
  });
}

/** Scans a dump and holds the report against a search for the known bytes. */
export async function examine(program: string, library: string, dump: Dump): Promise<Row[]> {
  const start = performance.now();
  const report = await scanDump(dump);
  const seconds = (performance.now() - start) / 1000;
  return [...numbersIn(dump, report), ...encodingsIn(dump, report)].map((each) => ({
    ...each,
    program,
    library,
    dump: dump.role ?? '',
    flaky: false,
    seconds,
  }));
}
