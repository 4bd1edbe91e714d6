import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Containers that are made to exhaust whoever opens them: `node dist/bench/container-bombs.js [NAME…]`. Each
 * must end within 10 seconds and 400 MB, and must not pass as clean while anything in it is unread. Prints a
 * line for each; exit status 1 if one fails.
 */

const SECONDS = 10;
const MEGABYTES = 400;

interface Bomb {
  name: string;
  /** Python that writes the file at PATH. */
  script: string;
  /** All of it can be read: exit status 0. */
  isReadable?: boolean;
}

const PRELUDE = `
import bz2, gzip, io, lzma, os, struct, sys, tarfile, zipfile, zlib
PATH = sys.argv[1]
def zeros(make, total):
    out = []
    for _ in range(total >> 24): out.append(make.compress(bytes(1 << 24)))
    return b''.join(out) + make.flush()
def gz(size): return b'\\x1f\\x8b\\x08' + bytes(7) + raw(size)
def raw(size): return zeros(zlib.compressobj(9, zlib.DEFLATED, -15), size)
def local(name, data, crc=0, size=0, method=8, flags=0):
    return struct.pack('<IHHHHHIIIHH', 0x04034b50, 20, flags, method, 0, 0, crc, len(data), size, len(name), 0) + name + data
def entry(name, at, packed, crc=0, size=0, method=8):
    return struct.pack('<IHHHHHHIIIHHHHHII', 0x02014b50, 20, 20, 0, method, 0, 0, crc, packed, size, len(name), 0, 0, 0, 0, 0, at) + name
def end(count, size, at): return struct.pack('<IHHHHIIH', 0x06054b50, 0, 0, min(count, 65535), min(count, 65535), size, at, 0)
def member(name, size, type=b'0'):
    t = tarfile.TarInfo(name); t.size = size; t.type = type
    return t.tobuf(tarfile.GNU_FORMAT)
write = lambda data: open(PATH, 'wb').write(data)
`;

const BOMBS: readonly Bomb[] = [
  { name: '6 GB of zeros in gzip', script: 'write(gz(6 << 30) + bytes(8))' },
  { name: '6 GB of zeros in gzip twice', script: 'write(gzip.compress(gz(6 << 30)))' },
  { name: '1 GB of zeros in bzip2', script: 'write(zeros(bz2.BZ2Compressor(9), 1 << 30))' },
  { name: '6 GB of zeros in xz', script: 'write(zeros(lzma.LZMACompressor(preset=1), 6 << 30))' },
  {
    name: '6 GB of zeros in a ZIP member',
    script:
      'd = raw(6 << 30); write(local(b"m", d) + entry(b"m", 0, len(d), 0, 0) + end(1, 47, 31 + len(d)))',
  },
  {
    name: 'ZIP archives nested sixteenfold, five deep',
    script: `
def pack(parts):
    b = io.BytesIO()
    with zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED) as z:
        for i, p in enumerate(parts): z.writestr(f'{i}.zip', p)
    return b.getvalue()
d = pack([bytes(1 << 26)])
for _ in range(5): d = pack([d] * 16)
write(d)`,
  },
  {
    name: 'overlapping members',
    script: `
d = raw(1 << 26)
body = local(b'm', d, size=1 << 26)
cd = b''.join(entry(b'%06d' % i, 0, len(d), size=1 << 26) for i in range(60000))
write(body + cd + end(60000, len(cd), len(body)))`,
  },
  {
    name: 'members that quote the headers of others',
    script: `
kernel = raw(1 << 25)
files, body, names = 500, b'', []
parts = [local(b'%06d' % 499, kernel, size=1 << 25)]
for i in reversed(range(files - 1)):
    head = parts[0][:36]
    quoted = b'\\0' + struct.pack('<HH', len(head), len(head) ^ 0xffff) + head
    size = len(quoted) + len(parts[0]) - 36
    parts.insert(0, local(b'%06d' % i, b'', size=1 << 25)[:18] + struct.pack('<II', len(quoted) + sum(map(len, parts)) - 0, 1 << 25) + local(b'%06d' % i, b'')[26:] + quoted)
body = b''.join(parts)
cd, at = b'', 0
for i, p in enumerate(parts):
    cd += entry(b'%06d' % i, at, len(body) - at - 36, size=1 << 25); at += len(p)
write(body + cd + end(len(parts), len(cd), len(body)))`,
  },
  {
    name: 'a million empty members in ZIP',
    script: `
body = io.BytesIO(); cd = io.BytesIO()
for i in range(1000000):
    n = b'%07d' % i; cd.write(entry(n, body.tell(), 0, method=0)); body.write(local(n, b'', method=0))
write(body.getvalue() + cd.getvalue() + end(65535, len(cd.getvalue()), body.tell()))`,
  },
  {
    name: 'a million empty members in tar',
    script: 'write(b"".join(member(str(i), 0) for i in range(1000000)) + bytes(1024))',
    isReadable: true,
  },
  {
    name: 'a million small members in tar',
    script:
      'f = open(PATH, "wb")\nfor i in range(1000000): f.write(member(str(i), 1) + bytes(512))\nf.write(bytes(1024))',
  },
  {
    name: 'a sparse member of 8 EB',
    script: `
t = bytearray(member('m', 512, b'S')); t[386:410] = b'%011o\\0%011o\\0' % (0, 512); t[483:495] = b'\\x80' + bytes(3) + struct.pack('>Q', 1 << 52)
t[148:156] = b' ' * 8; t[148:156] = b'%06o\\0 ' % sum(t)
write(bytes(t) + bytes(512) + bytes(1024))`,
  },
  {
    name: 'a size of 8 EB',
    script: `
t = bytearray(member('m', 0)); t[124:136] = b'\\x80' + bytes(3) + struct.pack('>Q', 1 << 52)
t[148:156] = b' ' * 8; t[148:156] = b'%06o\\0 ' % sum(t)
write(bytes(t) + bytes(2048))`,
  },
  {
    name: 'links out of the tree',
    script: `
b = io.BytesIO(); t = tarfile.open(fileobj=b, mode='w')
i = tarfile.TarInfo('a'); i.type = tarfile.SYMTYPE; i.linkname = '/etc'; t.addfile(i)
i = tarfile.TarInfo('a/passwd'); i.size = 5; t.addfile(i, io.BytesIO(b'hello')); t.close(); write(b.getvalue())`,
    isReadable: true,
  },
  {
    name: 'absolute names',
    script: `
b = io.BytesIO(); t = tarfile.open(fileobj=b, mode='w')
for n in ('/etc/passwd', '../../../tmp/x', 'C:\\\\x'):
    i = tarfile.TarInfo(n); i.size = 5; t.addfile(i, io.BytesIO(b'hello'))
t.close(); write(b.getvalue())`,
    isReadable: true,
  },
  { name: 'gzip forty deep', script: 'd = b"core"\nfor _ in range(40): d = gzip.compress(d)\nwrite(d)' },
  {
    name: 'tar in tar forty deep',
    script: `
d = b'core'
for _ in range(40): d = member('m', len(d)) + d + bytes(-len(d) % 512) + bytes(1024)
write(d)`,
  },
  {
    name: 'xz with a dictionary of 1.5 GiB',
    script:
      'write(lzma.compress(bytes(1000), format=lzma.FORMAT_XZ, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1536 << 20}]))',
  },
  { name: 'a million gzip members', script: 'write(gzip.compress(b"x") * 1000000)', isReadable: true },
  {
    name: 'a pax header of 200 MB',
    script: 'write(member("x", 200 << 20, b"x") + bytes(200 << 20) + bytes(1024))',
    isReadable: true,
  },
  {
    name: 'zlib in cpio, a million members',
    script: `
h = lambda n, s: (b'070701' + b'%08X' * 13 % (0, 0o100644, 0, 0, 1, 0, s, 0, 0, 0, 0, len(n) + 1, 0) + n + b'\\0')
pad = lambda b: b + bytes(-len(b) % 4)
f = open(PATH, 'wb')
for i in range(1000000): f.write(pad(h(b'%d' % i, 1)) + b'x\\0\\0\\0')
f.write(pad(h(b'TRAILER!!!', 0)))`,
  },
];

const chosen = process.argv.slice(2);
let failed = 0;
for (const { name, script, isReadable = false } of BOMBS) {
  if (chosen.length > 0 && !chosen.some((each) => name.includes(each))) continue;
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-bomb-'));
  try {
    const path = join(folder, 'bomb');
    execFileSync('/usr/bin/python3', ['-c', PRELUDE + script, path]);
    const time = join(folder, 'time');
    const args = [
      '-f',
      '%e %M %U',
      '-o',
      time,
      ...['timeout', '-s', 'KILL', '120'],
      process.execPath,
      'bin/dumpsieve.js',
      'scan',
      '-q',
      '--no-progress',
      path,
    ];
    const { status } = spawnSync('/usr/bin/time', args, { stdio: 'ignore' });
    const [seconds, kilobytes, user] = readFileSync(time, 'latin1')
      .trim()
      .split('\n')
      .at(-1)!
      .split(' ')
      .map(Number);
    const megabytes = kilobytes! / 1000;
    const isStatus = status === (isReadable ? 0 : 2);
    const fits = user! <= SECONDS && megabytes <= MEGABYTES;
    if (!isStatus || !fits) failed++;
    const size = (statSync(path).size / 1e6).toFixed(1);
    console.log(
      `${isStatus && fits ? 'ok  ' : 'FAIL'} ${name}: ${size} MB, exit status ${status}, ${seconds} s (${user} s of ` +
        `processor time), ${megabytes.toFixed(0)} MB`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exitCode = failed > 0 ? 1 : 0;
