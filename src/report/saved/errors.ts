import { DumpsieveError } from '../../core/base/runtime/errors.js';

/** Errors of saved reports. They never quote the file: it may hold anything. */

const REPORT_HINT = 'a report is what dumpsieve scan --output json=FILE or ndjson=FILE writes';

/** What is no report, or no valid one (exit 3). */
export const notValid = (file: string, what: string, hint = REPORT_HINT): DumpsieveError =>
  new DumpsieveError({ code: 'report-invalid', message: `${file}: ${what}`, hint });

/** A report in a later layout (exit 3). */
export const tooNew = (file: string, version: string): DumpsieveError =>
  new DumpsieveError({
    code: 'report-newer',
    message: `${file} is of a later version of dumpsieve (schemaVersion ${version}; this one reads 1)`,
    hint: 'update dumpsieve, or scan the dump again',
  });

/** A report that ends before its first facts (exit 2). */
export const cutEarly = (file: string): DumpsieveError =>
  new DumpsieveError(
    {
      code: 'report-cut',
      message: `${file} is cut: it ends before it says what was scanned`,
      hint: 'copy it again, or scan the dump again',
    },
    2,
  );
