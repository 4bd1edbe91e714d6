import type { ByteReader } from '../../base/bytes/storage.js';
import { definedFields } from '../../base/runtime/defined.js';
import { defineWarnings, type Warning } from '../../base/runtime/warnings.js';
import { hasMagic } from '../memory/magic.js';
import type { DumpFormat } from '../memory/types.js';
import { rawDump } from '../raw/raw.js';

/** A format recognised by its magic and not parsed. Its stored bytes are swept. */
interface Recognised {
  name: string;
  title: string;
  probe(head: Uint8Array, reader: ByteReader): boolean;
  /**
   * `encoded`: memory is compressed, encoded or absent, so the sweep does not cover it.
   * `plain`: memory is stored unchanged; only addresses and regions are missing.
   */
  payload: 'encoded' | 'plain';
  /** Reason why an encoded payload cannot be swept. */
  reason?: string;
  hint: string;
  /** What to do instead of a copy: see DumpFormat. */
  insteadOfCopy?: string;
}

const magic =
  (text: string, at = 0) =>
  (head: Uint8Array): boolean =>
    hasMagic(head, text, at);

const anyMagic =
  (...texts: string[]) =>
  (head: Uint8Array): boolean =>
    texts.some((text) => hasMagic(head, text));

/** A marker in the first 4 KiB, after printable characters only: logcat writes a prefix before it. */
const textMarker =
  (marker: string) =>
  (head: Uint8Array): boolean => {
    const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 4096));
    const at = start.indexOf(marker, 0, 'latin1');
    return at >= 0 && /^[\t\r\n -~]*$/.test(start.toString('latin1', 0, at));
  };

/**
 * PO_MEMORY_IMAGE: a signature, then a small u32 (version or image type); a whole number of pages. The
 * signature alone would match text.
 */
function isHibernation(head: Uint8Array, reader: ByteReader): boolean {
  const signed = anyMagic('hibr', 'HIBR', 'wake', 'WAKE', 'RSTR', 'rstr')(head);
  return (
    signed && reader.length % 4096 === 0 && head[4]! < 16 && !head.subarray(5, 8).some((byte) => byte !== 0)
  );
}

/** Of formats of whole machines: their memory has no list of threads. */
const OF_MACHINE = 'it is the memory of a machine: take a core or minidump of the process';

const KDUMP = {
  insteadOfCopy: OF_MACHINE,
  payload: 'encoded',
  reason: 'memory pages are stored compressed',
  hint:
    'convert it to plain memory first: makedumpfile -E, or crash / drgn with the matching kernel; ' +
    'or dump with format elf',
} as const;

const ROWS: readonly Recognised[] = [
  { name: 'kdump', title: 'kdump compressed dump', probe: anyMagic('KDUMP   ', 'DISKDUMP'), ...KDUMP },
  {
    name: 'kdump-flattened',
    insteadOfCopy: OF_MACHINE,
    title: 'flattened makedumpfile dump',
    probe: magic('makedumpfile\0'),
    payload: 'encoded',
    reason: 'memory pages are stored compressed and out of order',
    hint: 'rebuild it first: makedumpfile -R dump < flattened',
  },
  {
    name: 'avml',
    insteadOfCopy: OF_MACHINE,
    title: 'AVML image',
    probe: magic('AVML\x02\0\0\0'),
    payload: 'encoded',
    reason: 'memory is stored in snappy frames',
    hint: 'convert it to LiME first: avml-convert --source-format lime_compressed --format lime IN OUT',
  },
  {
    name: 'qemu-savevm',
    insteadOfCopy: OF_MACHINE,
    title: 'QEMU migration stream',
    probe: anyMagic('QEVM\0\0\0\x02', 'QEVM\0\0\0\x03'),
    payload: 'encoded',
    reason: 'memory is stored as a migration stream of tagged, deduplicated pages',
    hint: 'load the state in QEMU and write memory with dump-guest-memory or pmemsave',
  },
  {
    name: 'hiberfil',
    insteadOfCopy: OF_MACHINE,
    title: 'Windows hibernation file',
    probe: isHibernation,
    payload: 'encoded',
    reason: 'memory is stored compressed (Xpress)',
    hint: 'convert it to raw memory first, for instance with Volatility 3: windows.hibernation.Dump',
  },
  {
    name: 'xen-save',
    insteadOfCopy: OF_MACHINE,
    title: 'Xen save image',
    probe: anyMagic('\xff\xff\xff\xff\xff\xff\xff\xffXENF', 'LinuxGuestRecord'),
    payload: 'encoded',
    reason: 'memory is stored as a migration stream',
    hint: 'dump the domain as an ELF core: xl dump-core DOMAIN FILE',
  },
  {
    name: 'android-tombstone',
    title: 'Android tombstone',
    probe: textMarker('*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***'),
    payload: 'encoded',
    reason: 'memory near the registers is written as hexadecimal text',
    hint: 'scan a core or a minidump of the process',
  },
  {
    name: 'openj9-phd',
    title: 'OpenJ9 portable heap dump',
    probe: magic('\0\x12portable heap dump'),
    payload: 'encoded',
    reason: 'the format carries no field contents',
    hint: 'an empty result does not cover the heap: scan a system dump of the JVM (-Xdump:system)',
  },
  {
    name: 'dotnet-gcdump',
    title: '.NET gcdump',
    probe: magic('\x14\0\0\0!FastSerialization.1'),
    payload: 'encoded',
    reason: 'the format carries no field contents',
    hint: 'an empty result does not cover the heap: scan a full dump (dotnet-dump collect)',
  },
  {
    name: 'windows-kernel',
    insteadOfCopy: OF_MACHINE,
    title: 'Windows kernel dump',
    probe: anyMagic('PAGEDU64', 'PAGEDUMP'),
    payload: 'plain',
    hint: 'open it in WinDbg to turn an offset into an address',
  },
  {
    name: 'vmware-state',
    insteadOfCopy: OF_MACHINE,
    title: 'VMware suspended state or snapshot',
    probe: anyMagic('\xd0\xbe\xd2\xbe', '\xd1\xba\xd1\xba', '\xd2\xbe\xd2\xbe', '\xd3\xbe\xd3\xbe'),
    payload: 'plain',
    hint: 'memory may be in a .vmem file of the same name: scan that too',
  },
  {
    name: 'elf-core',
    title: 'ELF file cut inside its header',
    // e_type, which says that it is a core, follows the 16 bytes of e_ident.
    probe: (head, { length }) => length > 4 && length < 18 && hasMagic(head, '\x7fELF'),
    payload: 'plain',
    hint: 'the copy is incomplete: copy the file again',
  },
  {
    name: 'criu-image',
    insteadOfCopy: 'restore the process, or take a core of it',
    title: 'CRIU image',
    probe: magic('\x19\x43\x56\x54'),
    payload: 'plain',
    hint: 'memory lies in the pages-N.img files: scan the whole folder',
  },
];

const warnings = defineWarnings({ 'format-not-decoded': 'note', 'format-not-parsed': 'strict' });

function warningOf(row: Recognised, reader: ByteReader): Warning {
  const span = { offset: 0, length: reader.length };
  if (row.payload === 'encoded') {
    const message = `${row.title}: ${row.reason}; its payload was not searched`;
    return warnings.of('format-not-decoded', { message, hint: row.hint, ...span });
  }
  const message = `${row.title}: swept as plain bytes, without addresses and regions`;
  return warnings.of('format-not-parsed', { message, hint: row.hint, ...span });
}

/** Formats without a reader: their stored bytes are swept, and a warning says what is missing. */
export const recognised: readonly DumpFormat[] = ROWS.map((row) => ({
  name: row.name,
  probe: row.probe,
  ...definedFields({ insteadOfCopy: row.insteadOfCopy }),
  open: (reader) =>
    rawDump(
      [warningOf(row, reader)],
      row.payload === 'encoded'
        ? [{ offset: 0, length: reader.length, reason: `${row.title}: ${row.reason}` }]
        : [],
    ),
  warnings,
}));
