import type { Command } from 'commander';
import { DumpsieveError, EXIT } from '../core/base/runtime/errors.js';
import { escapeText } from '../core/base/text/escape.js';
import { VERIFY_OPTIONS, type VerifyTable } from '../core/options/redact-table.js';
import type { VerifyResult } from '../index.js';
import { printMasked } from './failure.js';
import { addFlags, VERIFY_FLAGS, valuesOf } from './flags.js';
import type { Finish } from './help.js';
import { addExamples } from './help.js';
import { isFolder } from './is-folder.js';
import { print } from './print.js';
import { rawPath } from './raw-arguments.js';
import { requireOtherOutput } from './standard-output.js';
import { stoppable } from './stoppable.js';

/** The values of `verify`'s options, by their names in the table. */
type Values = VerifyTable & { since?: string; progress?: boolean; quiet?: boolean; debug?: boolean };

export function registerVerify(program: Command, finish: Finish): void {
  const command = program
    .command('verify')
    .description("verify a copy by its manifest, and the manifest by its signature; or a guard's log")
    .argument(
      '<manifest>',
      'the manifest that redact wrote; its signature has the same name and .minisig. Or a folder of ' +
        "copies, or a guard's log (*.jsonl)",
    )
    .argument('[file]', 'the copy')
    .addHelpText(
      'after',
      `
Contents alone count: the files may be renamed. Never take the key from where the files come from. Of a
folder that redact wrote each file is verified by the manifest beside it; a file without one is a difference,
and the exit status is the worst of all: 3, 1, 2, 0.
A guard's log (log.jsonl) is verified by the signed head beside it (log.head, log.head.minisig). A log that
was put back to an older head passes, unless --since names a later one that was kept elsewhere.

Exit status: 0 the file is the copy of the manifest that the key has signed, or the log what it has signed; 1
it is not, or there is no signature; 2 a file cannot be read, or entries of a log are not signed yet; 3 wrong
call, or no key.`,
    );
  addExamples(command, [
    ['dumpsieve verify core.redacted.manifest.json core.redacted --key minisign.pub'],
    ['dumpsieve verify core.redacted.manifest.json core.redacted --key RWQ…', 'the line in that file'],
    ['dumpsieve verify redacted/ --key minisign.pub', 'each copy in a folder'],
    ['dumpsieve verify log.jsonl --key guard.pub --since heads.txt', "a guard's log"],
  ]);
  addFlags(command, VERIFY_FLAGS, true).action(async (manifest: string, file: string | undefined) => {
    finish(await verifyVerb(manifest, file, valuesOf<Values>(command, VERIFY_OPTIONS)));
  });
}

/** Verifies, prints the answer, and returns the exit status. */
async function verifyVerb(
  manifest: string,
  file: string | undefined,
  { key, since, progress, quiet }: Values,
): Promise<number> {
  if (key === undefined)
    throw new DumpsieveError({
      code: 'wrong-call',
      message: 'no key is named to verify with',
      hint: 'say --key FILE, with the public half of the key',
    });
  const inputs = file === undefined ? [manifest] : [manifest, file];
  requireOtherOutput(VERIFY_OPTIONS, { key, since }, inputs.map(rawPath));
  if (file === undefined && LOG.test(manifest)) {
    const { verifyLogVerb } = await import('./verify-log.js');
    return verifyLogVerb({ log: rawPath(manifest), key, ...(since === undefined ? {} : { since }) }, quiet);
  }
  if (since !== undefined) throw noLog();
  if (file === undefined) {
    if (!isFolder(rawPath(manifest))) throw noFile();
    const { verifyFolderVerb } = await import('./verify-folder.js');
    return verifyFolderVerb({ folder: rawPath(manifest), key }, { progress, quiet });
  }
  const { verify } = await import('../index.js');
  const paths = { manifest: rawPath(manifest), file: rawPath(file) };
  return stoppable(
    progress,
    (watch) => verify({ ...paths, key, ...watch }),
    async (result) => {
      if (result.verified && !quiet) print(summary(result, await shownComment(result)));
      for (const { code, message, hint } of result.problems)
        await printMasked(`dumpsieve: ${code}: ${message}\n  hint: ${hint}\n`, []);
      return result.verified ? EXIT.clean : EXIT.findings;
    },
  );
}

/** Ending of a guard's log. */
const LOG = /\.jsonl$/;

const noLog = (): DumpsieveError =>
  new DumpsieveError({
    code: 'wrong-call',
    message: "--since is of a guard's log alone",
    hint: 'say verify log.jsonl --since HEAD, or leave it out',
  });

const noFile = (): DumpsieveError =>
  new DumpsieveError({
    code: 'wrong-call',
    message: 'no copy is named beside the manifest',
    hint: 'say verify MANIFEST FILE, verify FOLDER, or verify log.jsonl',
  });

/** The trusted comment that `redact` writes. */
const OWN_COMMENT = /^redaction manifest of sha256:[0-9a-f]{64}$/;

/** The holder of the key may have signed any other text. */
async function shownComment({ trustedComment = '' }: VerifyResult): Promise<string> {
  if (OWN_COMMENT.test(trustedComment)) return trustedComment;
  const { maskText } = await import('../index.js');
  return maskText(escapeText(trustedComment));
}

function summary({ manifest }: VerifyResult, comment: string): string {
  if (manifest === undefined) return '';
  const { tool, format, keep, output, coverage, acceptedLimits } = manifest;
  const lines = [
    `verified: the copy of a dump (${escapeText(format)}), --keep ${keep}, ` +
      `dumpsieve ${escapeText(tool.version)}, ${output.bytes.toLocaleString('en-US')} bytes`,
    `sha256: ${output.sha256}`,
    ...(output.decoded ? [`sha256 before ${output.decoded.encoding}: ${output.decoded.sha256}`] : []),
    `trusted comment: ${comment}`,
    ...(coverage.limits.length > 0 ? [`searches that reached a limit: ${coverage.limits.length}`] : []),
    ...(acceptedLimits.length > 0 ? [`accepted limits: ${escapeText(acceptedLimits.join(', '))}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
