import { FieldReader } from '../../base/bytes/field-reader.js';
import type { ByteReader } from '../../base/bytes/storage.js';
import type { FileSpan } from '../memory/file-spans.js';
import { readBytes } from '../memory/read.js';
import { type ElfHeader, elfClass, size } from './header.js';

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
