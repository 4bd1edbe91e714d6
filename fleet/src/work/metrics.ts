import { renameSync, writeFileSync } from 'node:fs';
import type { Tally } from './tally.js';

type Kind = 'counter' | 'gauge';

/** Name, kind, help and value of each figure. */
function figuresOf(tally: Tally): [name: string, kind: Kind, help: string, value: number][] {
  const { counts } = tally;
  const { dumps, bytes, rate } = tally.progress();
  return [
    ['scanned_dumps_total', 'counter', 'Dumps scanned and stored', counts.scanned],
    ['known_dumps_total', 'counter', 'Dumps whose content had a scan', counts.known],
    ['dumps_with_findings_total', 'counter', 'Scanned dumps that fail the gate', counts.withFindings],
    ['incomplete_scans_total', 'counter', 'Scans that did not read and search everything', counts.incomplete],
    ['crashed_scans_total', 'counter', 'Processes of scans that died', counts.crashed],
    ['dead_dumps_total', 'counter', 'Dumps given up after three deaths', counts.dead],
    ['unreadable_dumps_total', 'counter', 'Dumps that could not be read', counts.unreadable],
    ['replaced_dumps_total', 'counter', 'Dumps replaced since they were listed', counts.replaced],
    ['scanned_bytes_total', 'counter', 'Stored bytes of scanned dumps', counts.bytes],
    ['scan_seconds_total', 'counter', 'Seconds of scans', counts.seconds],
    ['pending_dumps', 'gauge', 'Dumps that this run has still to do', dumps.total - dumps.done],
    ['pending_bytes', 'gauge', 'Stored bytes that this run has still to do', bytes.total - bytes.done],
    ['bytes_per_second', 'gauge', 'Stored bytes a second, of the last minute', rate],
    ['updated_seconds', 'gauge', 'Time of these figures, in seconds since 1970', Date.now() / 1000],
  ];
}

/** Prometheus' text format 0.0.4. No label has a name of a dump. */
function metricsText(tally: Tally): string {
  return figuresOf(tally)
    .map(([name, kind, help, value]) => {
      const full = `dumpsieve_fleet_${name}`;
      return `# HELP ${full} ${help}.\n# TYPE ${full} ${kind}\n${full} ${value}\n`;
    })
    .join('');
}

/** The figures of a run in a file, for the textfile collector of node_exporter: whole at any moment. */
export class MetricsFile {
  readonly #path: string;
  readonly #tally: Tally;

  constructor(path: string, tally: Tally) {
    this.#path = path;
    this.#tally = tally;
  }

  write(): void {
    const next = `${this.#path}.${process.pid}`;
    writeFileSync(next, metricsText(this.#tally));
    renameSync(next, this.#path);
  }
}
