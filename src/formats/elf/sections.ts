import { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import type { Extent, Unread } from '../../core/model/report.js';
import type { FileSpan } from '../memory/file-spans.js';
import { lackingUpTo } from '../memory/promised.js';
import { readBytes } from '../memory/read.js';
import { type ElfHeader, elfClass, size } from './header.js';
import { warnings } from './warnings.js';

/** Headers of Xen's dumps; it writes some ten. */
const MAX_SECTIONS = 4096;
/** sh_type of a section without bytes in the file. */
const SHT_NOBITS = 8;

/** Xen's dump-core stores memory in sections only. */
export const hasSectionsOnly = ({ phnum, shnum, shoff }: ElfHeader): boolean =>
  phnum === 0 && (shnum > 0 || shoff > 0);

/**
 * What is not read of a dump that has sections and no segments: the largest, which has the pages, since their
 * addresses are in another; and what is not there.
 */
export function unreadSections(reader: ByteReader, header: ElfHeader): Unread[] {
  const { shdr, word } = elfClass(header);
  const end = header.shoff + Math.max(1, header.shnum) * shdr.size;
  const sections: Extent[] = [];
  const headers = Math.min(header.shnum, MAX_SECTIONS) * shdr.size;
  const fields = new FieldReader(readBytes(reader, header.shoff, headers), header.endian, header.shoff);
  for (let at = 0; at + shdr.size <= fields.length; at += shdr.size) {
    if (fields.u32(at + 4) === SHT_NOBITS) continue;
    const offset = size(fields, at + shdr.offset, word);
    sections.push({ offset, length: size(fields, at + shdr.sectionSize, word) });
  }
  const last = Math.max(end, ...sections.map(({ offset, length }) => offset + length));
  const largest = sections.reduce((a, b) => (b.length > a.length ? b : a), { offset: 0, length: 0 });
  const there = Math.max(0, Math.min(largest.length, reader.length - largest.offset));
  const reason = 'an ELF core with sections only: its pages were searched in file order, not by address';
  const pages = there > 0 ? [{ offset: largest.offset, length: there, reason }] : [];
  const lacking = [...pages, ...lackingUpTo(last, reader, 'the last of its sections')];
  return lacking.length > 0 ? lacking : [{ offset: 0, length: null, reason }];
}

/**
 * Section headers and their name table. gcore writes them at the end; a kernel writes one header for PN_XNUM.
 */
export function sectionSpans(reader: ByteReader, header: ElfHeader): FileSpan[] {
  const { shdr, word } = elfClass(header);
  if (header.shoff === 0 || header.shoff >= reader.length) return [];
  const length = Math.min(Math.max(1, header.shnum) * shdr.size, reader.length - header.shoff);
  const spans: FileSpan[] = [{ offset: header.shoff, length, region: { kind: 'header' } }];
  const names = readBytes(reader, header.shoff + header.shstrndx * shdr.size, shdr.size);
  if (header.shstrndx === 0 || header.shstrndx >= header.shnum || names.length < shdr.size) return spans;
  const fields = new FieldReader(names, header.endian);
  const offset = size(fields, shdr.offset, word);
  spans.push({
    offset,
    length: size(fields, shdr.sectionSize, word),
    region: { kind: 'header', name: '.shstrtab' },
  });
  return spans;
}

/** Xen's dump-core stores memory in sections only. */
export function sectionsOnly(header: ElfHeader): Warning[] {
  if (!hasSectionsOnly(header)) return [];
  const message =
    'an ELF core with sections and no segments: swept as plain bytes, without addresses and regions';
  return [warnings.of('format-not-parsed', { message, hint: 'Xen writes such dumps; crash reads them' })];
}
