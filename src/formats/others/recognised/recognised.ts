import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { definedFields } from '../../../core/base/runtime/defined.js';
import { DumpsieveError } from '../../../core/base/runtime/errors.js';
import { defineWarnings, type Warning } from '../../../core/base/runtime/warnings.js';
import type { Unread } from '../../../core/model/report.js';
import { hasMagic } from '../../memory/magic.js';
import type { DumpFormat, ParsedDump } from '../../memory/types.js';
import { rawDump } from '../raw/raw.js';
import { criuImage, isCriuImage } from './criu.js';
import { lackingOfState } from './vmware-state.js';
import { isWindowsKernel, lackingOfKernel } from './windows-kernel.js';

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
  /** What its headers promise, where memory is stored unchanged. */
  promises?: (reader: ByteReader) => Promises;
  companionNames?: RegExp;
}

type Promises = { unread: Unread[] } & Pick<ParsedDump, 'companions'>;

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

/** A format's name and the small number behind it, its version: text has letters there. */
const versioned =
  (text: string, endian: 'le' | 'be' = 'le') =>
  (head: Uint8Array): boolean => {
    const version = head.subarray(text.length, text.length + 4);
    const high = endian === 'le' ? version.subarray(1) : version.subarray(0, 3);
    return hasMagic(head, text) && version.length === 4 && !high.some((byte) => byte !== 0);
  };

/** Bytes of PO_MEMORY_IMAGE that are numbers in every version of Windows: small ones, with bytes of 0. */
const NUMBERS = 64;
/** How the log of NTFS begins: a signature, then offset 30 and length 9 of its update sequence. */
const NTFS_LOG = 'RSTR\x1e\0\x09\0';

/** PO_MEMORY_IMAGE: a signature, then numbers. A signature followed by text is none. */
function isHibernation(head: Uint8Array): boolean {
  const signed = anyMagic('hibr', 'HIBR', 'wake', 'WAKE', 'RSTR', 'rstr', 'HORM')(head);
  const end = head.subarray(0, NUMBERS).indexOf(0, 4);
  const text = Buffer.from(head.subarray(4, Math.max(4, end))).toString('latin1');
  return signed && end > 0 && !hasMagic(head, NTFS_LOG) && !/^[\t\r\n -~]+$/.test(text);
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
    probe: versioned('AVML'),
    payload: 'encoded',
    reason: 'memory is stored in snappy frames',
    hint: 'convert it to LiME first: avml-convert --source-format lime_compressed --format lime IN OUT',
  },
  {
    name: 'qemu-savevm',
    insteadOfCopy: OF_MACHINE,
    title: 'QEMU migration stream',
    probe: versioned('QEVM', 'be'),
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
    probe: anyMagic(
      '\xff\xff\xff\xff\xff\xff\xff\xffXENF',
      'LinuxGuestRecord',
      'Xen saved domain, xl format',
    ),
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
    probe: isWindowsKernel,
    payload: 'plain',
    promises: (reader) => ({ unread: lackingOfKernel(reader) }),
    hint: 'open it in WinDbg to turn an offset into an address',
  },
  {
    name: 'vmware-state',
    insteadOfCopy: OF_MACHINE,
    title: 'VMware suspended state or snapshot',
    probe: anyMagic('\xd0\xbe\xd2\xbe', '\xd1\xba\xd1\xba', '\xd2\xbe\xd2\xbe', '\xd3\xbe\xd3\xbe'),
    payload: 'plain',
    promises: (reader) => ({ unread: lackingOfState(reader) }),
    hint: 'memory may be in a .vmem file of the same name: scan that too',
  },
  {
    name: 'lime',
    insteadOfCopy: OF_MACHINE,
    title: 'LiME image of an unknown version',
    probe: versioned('EMiL'),
    payload: 'encoded',
    reason: 'how it stores memory is unknown',
    hint: 'write it with the format "lime", version 1',
  },
  {
    name: 'minidump',
    title: 'minidump of an unknown version',
    probe: (head) => hasMagic(head, 'MDMP') && head.subarray(4, 32).includes(0),
    payload: 'plain',
    hint: 'the header is damaged, or another program has to read it: get a good copy',
  },
  {
    name: 'hprof',
    title: 'heap dump of an unknown version',
    probe: magic('JAVA PROFILE '),
    payload: 'plain',
    hint: 'the header is damaged, or another program has to read it: get a good copy',
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
    probe: isCriuImage,
    companionNames: /^(?:pstree|(?:core|mm|pagemap|pages)-\d+)\.img$/,
    payload: 'plain',
    promises: criuImage,
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

/** Headers that end too early promise bytes that are not there. */
function promisesOf({ promises, title }: Recognised, reader: ByteReader): Promises {
  try {
    return promises?.(reader) ?? { unread: [] };
  } catch (error) {
    if (!(error instanceof DumpsieveError)) throw error;
    const reason = `${title}: its headers are cut or damaged, so that memory may be lost`;
    return { unread: [{ offset: error.offset ?? 0, length: null, reason }] };
  }
}

function open(row: Recognised, reader: ByteReader): ParsedDump {
  const found = [warningOf(row, reader)];
  if (row.payload === 'encoded')
    return rawDump(found, [{ offset: 0, length: reader.length, reason: `${row.title}: ${row.reason}` }]);
  const { unread, companions } = promisesOf(row, reader);
  return { ...rawDump(found, unread), ...definedFields({ companions }) };
}

/** Formats without a reader: their stored bytes are swept, and a warning says what is missing. */
export const recognised: readonly DumpFormat[] = ROWS.map((row) => ({
  name: row.name,
  probe: row.probe,
  ...definedFields({ insteadOfCopy: row.insteadOfCopy, companionNames: row.companionNames }),
  open: (reader) => open(row, reader),
  warnings,
}));
