import { statSync } from 'node:fs';
import { escapeText } from '../core/base/text/escape.js';
import type { ScanOptions } from '../core/options/check-options.js';
import { maskSpans } from '../detect/rulebook/mask-spans.js';
import { openRulebook, type Rulebook } from '../detect/rulebook/rulebook.js';
import { Masker } from '../known/mask/mask.js';
import { secretsOf } from '../scan/find/find-targets.js';
import { maskSecret } from '../scan/mask-secrets.js';
import { readTargetFiles } from '../scan/secret-files/target-files.js';

/**
 * Masks the secrets of built-in rules in a text, and those of `files` (as of --find), in any encoding.
 * Escapes control characters, except line feeds.
 */
export async function maskText(text: string, files: readonly string[] = []): Promise<string> {
  const mask = await openMask({ files });
  return mask(text);
}

interface MaskSetup extends Pick<ScanOptions, 'ruleFolders' | 'with'> {
  files: readonly string[];
}

/** {@link maskText} for many texts, and by more rules than those that are built in and on. */
export async function openMask({ files, ...rules }: MaskSetup): Promise<(text: string) => string> {
  const book = await openRulebook(rules);
  const masker = new Masker((line) => maskSpans(line, book));
  for (const file of files) await maskSecretsOf(masker, file, book);
  // A secret may contain line feeds.
  return (text) => masker.mask(text).split('\n').map(escapeText).join('\n');
}

const UNREADABLE = { unreadable: { code: 'unreadable', hint: '' }, unknown: 'unknown' };

/** A file that cannot be read has no known secrets. A pipe is not read: it may never end. */
async function maskSecretsOf(masker: Masker, file: string, book: Rulebook): Promise<void> {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isFile() !== true && stats?.isDirectory() !== true) return;
  try {
    const { files } = await readTargetFiles(file, UNREADABLE);
    for (const { entries } of files)
      for (const each of secretsOf(entries, book)) maskSecret(masker, each, 'asked-for');
  } catch {
    // The error that is being printed says why.
  }
}
