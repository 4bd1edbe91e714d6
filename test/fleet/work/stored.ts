import Database from 'libsql';

/** A scan as a store in a file has it: read beside the code of the store. */
export interface ScannedDump {
  sha256: string;
  exit: number;
  complete: boolean;
  limits: string;
  /** Public digests of the keys that were found. */
  spki: string[];
  /** Of the targets of --find. */
  answers: string[];
}

/** Scans by the name of their dump. */
export async function scansOf(path: string): Promise<Map<string, ScannedDump>> {
  const database = new Database(path, { readonly: true });
  try {
    const all = (sql: string, ...values: unknown[]) => database.prepare(sql).all(...values) as Row[];
    const rows = all('select o.uri, s.* from object o join scan s on s.sha256 = o.sha256 order by o.uri');
    return new Map(
      rows.map(({ uri, id, sha256, exit, complete, limits }) => [
        String(uri).slice(String(uri).lastIndexOf('/') + 1),
        {
          sha256: String(sha256),
          exit: Number(exit),
          complete: complete === 1,
          limits: String(limits),
          spki: all(
            'select k.spki from finding f join secret k on k.id = f.secret where f.scan = ? and k.spki is not null',
            id,
          ).map(({ spki }) => String(spki)),
          answers: all('select status from answer where scan = ? order by target', id).map(({ status }) =>
            String(status),
          ),
        },
      ]),
    );
  } finally {
    database.close();
  }
}

type Row = Record<string, unknown>;
