import { type OptionRow, SCAN_OPTIONS } from '../../core/options/table.js';

const ROWS: Readonly<Record<string, OptionRow>> = SCAN_OPTIONS;

/** A word as a POSIX shell reads it back. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The long name of a row's flag. */
const longName = ({ flag }: OptionRow): string => /--[\w-]+/.exec(flag)![0];

/**
 * The command line of a scan, from the options of its report: those of the configuration and of a caller of
 * the library too, without defaults and without what the command alone reads. `command`: the words of another
 * verb.
 */
export function commandLineOf(options: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(options.command))
    return ['dumpsieve', ...options.command.map(String)].map(quoted).join(' ');
  const words = Object.entries(options).flatMap(([name, value]) => {
    const row = Object.hasOwn(ROWS, name) ? ROWS[name] : undefined;
    return row === undefined || value === row.default ? [] : wordsOf(row, value);
  });
  // A saved report may have anything as options.
  const paths = Array.isArray(options.paths) ? options.paths.map(String) : [];
  const config = options.configFile === undefined ? [] : ['--config', String(options.configFile)];
  const dashed = paths.some((path) => path.startsWith('-') && path !== '-');
  return ['dumpsieve', 'scan', ...words, ...config, ...(dashed ? ['--'] : []), ...paths]
    .map(quoted)
    .join(' ');
}

function wordsOf(row: OptionRow, value: unknown): string[] {
  const flag = longName(row);
  if (typeof value === 'boolean') return value !== flag.startsWith('--no-') ? [flag] : [];
  if (Array.isArray(value)) return value.flatMap((each) => [flag, String(each)]);
  return [flag, String(value)];
}
