import { useSecrets } from '../core/base/crypto/secret-memory.js';
import { definedFields } from '../core/base/runtime/defined.js';
import { DumpsieveError, type Notice } from '../core/base/runtime/errors.js';
import { noticeOf } from '../core/base/runtime/warnings.js';
import { checkInspectOptions } from '../core/options/check-options.js';
import type { InspectOptions } from '../core/options/inspect-table.js';
import { maskSpans } from '../detect/rulebook/mask-spans.js';
import { openRulebook } from '../detect/rulebook/rulebook.js';
import { Masker } from '../known/mask/mask.js';
import { cleanTexts } from '../known/mask/sanitize.js';
import { readArchivePassword } from '../scan/archive-password.js';
import { type Inspection, inspectAll } from '../scan/inspect/inspection.js';
import { parsePlace } from '../scan/inspect/place.js';
import { Sources } from '../source/sources.js';

export type { InspectOptions } from '../core/options/inspect-table.js';
export type { Inspection } from '../scan/inspect/inspection.js';
export type { InspectedPlace } from '../scan/inspect/place.js';

/** What `inspect` found. */
export interface InspectResult {
  /** The dumps, those in containers too, in the order of a scan. */
  dumps: Inspection[];
  /** Warnings about paths. */
  warnings: Notice[];
  /** All that was named was read, and nothing of it is damaged or missing. */
  complete: boolean;
}

/** Dumps of one result. */
const MOST = 10_000;

/**
 * Says what a dump is: its format, its process, which memory is there and which is missing, and what a place
 * belongs to. It searches for no secret, and returns no byte of memory. Names in dumps are masked by the
 * built-in rules, and escaped. Throws a {@link DumpsieveError} for a wrong call (exit 3).
 */
export async function inspect(options: InspectOptions): Promise<InspectResult> {
  checkInspectOptions(options);
  const { path, place, stdin, spoolDir, signal, archivePasswordFile } = options;
  const asked = place === undefined ? undefined : parsePlace(place);
  const endSecrets = useSecrets();
  try {
    const book = await openRulebook({});
    const masker = new Masker((line) => maskSpans(line, book));
    const password = readArchivePassword(archivePasswordFile);
    const given = definedFields({ stdin, spoolDir, signal, password });
    const sources = new Sources([path], { follow: true, ifNoFiles: 'error', ...given });
    const result: InspectResult = { dumps: [], warnings: [], complete: true };
    for await (const each of inspectAll(sources.open(), asked, signal)) {
      if ('notice' in each) {
        const { path: _path, ...notice } = noticeOf(each.notice) as Notice & { path?: string };
        result.warnings.push(cleanTexts(notice, masker));
        result.complete &&= each.notice.effect === 'note';
      } else if (result.dumps.length >= MOST) throw tooMany();
      else {
        result.dumps.push(cleanTexts(each.dump, masker));
        result.complete &&= !each.dump.damaged;
      }
    }
    result.complete &&= result.dumps.length > 0;
    if (asked !== undefined && result.dumps.length > 1) throw severalDumps(result.dumps.length);
    return result;
  } finally {
    endSecrets();
  }
}

const tooMany = (): DumpsieveError =>
  new DumpsieveError({
    code: 'too-many-dumps',
    message: `there are more than ${MOST} files`,
    hint: 'name fewer at a time',
  });

const severalDumps = (count: number): DumpsieveError =>
  new DumpsieveError({
    code: 'several-dumps',
    message: `a place is of one dump, and there are ${count}`,
    hint: 'name one dump, unpacked from its archive',
  });
