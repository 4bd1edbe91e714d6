import { SqliteDriver } from '../../../fleet/src/store/sqlite-driver.js';

/** A scan as a store in a file has it: its rows, without the questions of the store. */
export interface ScannedDump {
  sha256: string;
  exit: number;
  complete: boolean;
  limits: string;
  /** Public digests of the keys that were found. */
  spki: string[];
  /** Statuses of the targets. */
  answers: string[];
}

interface Row {
  uri: string;
  id: number;
  sha256: string;
  exit: number;
  complete: number;
  limits: string;
}

const SCANS = 'select o.uri, s.* from object o join scan s on s.sha256 = o.sha256 order by o.uri';
const KEYS = `select k.spki as text from finding f join secret k on k.id = f.secret
  where f.scan = $1 and k.spki is not null`;
const ANSWERS = 'select status as text from answer where scan = $1 order by target';

/** Scans by the name of their dump. */
export async function scansOf(path: string): Promise<Map<string, ScannedDump>> {
  const driver = new SqliteDriver(path, path);
  const texts = async (sql: string, scan: number): Promise<string[]> =>
    (await driver.all<{ text: string }>(sql, [scan])).map(({ text }) => text);
  try {
    const scans = new Map<string, ScannedDump>();
    for (const { uri, id, complete, ...row } of await driver.all<Row>(SCANS))
      scans.set(uri.slice(uri.lastIndexOf('/') + 1), {
        ...row,
        complete: complete === 1,
        spki: await texts(KEYS, id),
        answers: await texts(ANSWERS, id),
      });
    return scans;
  } finally {
    await driver.close();
  }
}
