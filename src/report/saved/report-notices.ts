import type { Notice } from '../../core/base/runtime/errors.js';
import type { SavedReport } from './saved-report.js';

/** What a reader must know of a saved report. */
export function noticesOf({ file, cut, summary, unknown, findings }: SavedReport): Notice[] {
  const notices: Notice[] = [];
  if (cut)
    notices.push({
      code: 'report-cut',
      message: `${file} is cut: it ends in the middle, after ${findings.length} findings`,
      hint: 'copy it again, or scan the dump again; what follows is not known',
    });
  else if (summary === undefined)
    notices.push({
      code: 'report-of-stopped-scan',
      message: `${file} is of a scan that was stopped: it has what was known by then`,
      hint: 'scan the dump again',
    });
  if (unknown.length > 0)
    notices.push({
      code: 'report-newer',
      message: `${file} has fields that this version does not know: ${unknown.join(', ')}`,
      hint: 'they are left out; update dumpsieve to see them',
    });
  return notices;
}
