"""Writes the containers of container-bombs.ts: `container-bombs.py NAME PATH`; without arguments, their names.

A name with a `+` in front: all of it can be read, so that a scan ends with 0.
"""
import bz2
import gzip
import io
import lzma
import struct
import sys
import tarfile
import zipfile
import zlib

GIB = 1 << 30


def zeros(coder, total):
    return b''.join(coder.compress(bytes(1 << 24)) for _ in range(total >> 24)) + coder.flush()


def deflated(size):
    return zeros(zlib.compressobj(9, zlib.DEFLATED, -15), size)


def gzipped(size):
    return b'\x1f\x8b\x08' + bytes(7) + deflated(size) + bytes(8)


def local(name, packed, length, method=8):
    """A local file header (APPNOTE.TXT, 4.3.7)."""
    fixed = struct.pack('<IHHHHHIIIHH', 0x04034B50, 20, 0, method, 0, 0, 0, packed, length, len(name), 0)
    return fixed + name


def entry(name, at, packed, length, method=8):
    """An entry of the central directory (4.3.12)."""
    numbers = (0x02014B50, 20, 20, 0, method, 0, 0, 0, packed, length, len(name), 0, 0, 0, 0, 0, at)
    return struct.pack('<IHHHHHHIIIHHHHHII', *numbers) + name


def end(count, size, at):
    """The end of the central directory (4.3.16)."""
    return struct.pack('<IHHHHIIH', 0x06054B50, 0, 0, min(count, 65535), min(count, 65535), size, at, 0)


def tar_header(name, size, kind=b'0', changes=()):
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    for at, value in changes:
        block[at:at + len(value)] = value
    block[148:156] = b' ' * 8
    block[148:156] = b'%06o\0 ' % sum(block)
    return bytes(block)


HUGE = b'\x80' + bytes(3) + struct.pack('>Q', 1 << 52)


def one_member():
    data = deflated(6 * GIB)
    head = local(b'm', len(data), 0)
    return head + data + entry(b'm', 0, len(data), 0) + end(1, 47, len(head) + len(data))


def nested():
    def pack(parts):
        out = io.BytesIO()
        with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
            for i, part in enumerate(parts):
                archive.writestr(f'{i}.zip', part)
        return out.getvalue()

    data = pack([bytes(1 << 26)])
    for _ in range(5):
        data = pack([data] * 16)
    return data


def overlapping():
    data = deflated(1 << 26)
    body = local(b'm', len(data), 1 << 26) + data
    directory = b''.join(entry(b'%06d' % i, 0, len(data), 1 << 26) for i in range(60000))
    return body + directory + end(60000, len(directory), len(body))


def quoting():
    """Each member's data is a stored block that has the header of the next, and then the data of that."""
    kernel = deflated(1 << 25)
    rest = local(b'%06d' % 499, len(kernel), 1 << 25) + kernel
    starts = [0]
    for i in reversed(range(499)):
        head = rest[:36]
        block = b'\0' + struct.pack('<HH', len(head), len(head) ^ 0xFFFF)
        front = local(b'%06d' % i, len(block) + len(rest), 1 << 25) + block
        starts = [0] + [at + len(front) for at in starts]
        rest = front + rest
    directory = b''.join(
        entry(b'%06d' % i, at, len(rest) - at - 36, 1 << 25) for i, at in enumerate(starts))
    return rest + directory + end(len(starts), len(directory), len(rest))


def empty_in_zip():
    body, directory = io.BytesIO(), io.BytesIO()
    for i in range(1000000):
        name = b'%07d' % i
        directory.write(entry(name, body.tell(), 0, 0, method=0))
        body.write(local(name, 0, 0, method=0))
    return body.getvalue() + directory.getvalue() + end(65535, directory.tell(), body.tell())


def empty_in_tar():
    return b''.join(tar_header(str(i), 0) for i in range(1000000)) + bytes(1024)


def small_in_tar():
    return b''.join(tar_header(str(i), 1) + bytes(512) for i in range(1000000)) + bytes(1024)


def small_in_cpio():
    def padded(part):
        return part + bytes(-len(part) % 4)

    def header(name, size):
        fields = (0, 0o100644, 0, 0, 1, 0, size, 0, 0, 0, 0, len(name) + 1, 0)
        return padded(b'070701' + b'%08X' * 13 % fields + name + b'\0')

    members = b''.join(header(b'%d' % i, 1) + b'x\0\0\0' for i in range(1000000))
    return members + header(b'TRAILER!!!', 0)


def in_tar(names, link=None):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as archive:
        if link:
            info = tarfile.TarInfo(link)
            info.type, info.linkname = tarfile.SYMTYPE, '/etc'
            archive.addfile(info)
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 5
            archive.addfile(info, io.BytesIO(b'hello'))
    return out.getvalue()


def deep(pack):
    data = b'core'
    for _ in range(40):
        data = pack(data)
    return data


def large_dictionary():
    filters = [{'id': lzma.FILTER_LZMA2, 'preset': 0, 'dict_size': 1536 << 20}]
    return lzma.compress(bytes(1000), format=lzma.FORMAT_XZ, filters=filters)


BOMBS = {
    '6 GB of zeros in gzip': lambda: gzipped(6 * GIB),
    '6 GB of zeros in gzip twice': lambda: gzip.compress(gzipped(6 * GIB)),
    '1 GB of zeros in bzip2 and 1 byte': lambda: zeros(bz2.BZ2Compressor(9), GIB) + b'x',
    '6 GB of zeros in xz': lambda: zeros(lzma.LZMACompressor(preset=1), 6 * GIB),
    '6 GB of zeros in a ZIP member': one_member,
    'ZIP archives nested sixteenfold, five deep': nested,
    'overlapping members': overlapping,
    'members that quote the headers of others': quoting,
    'a million empty members in ZIP': empty_in_zip,
    '+a million empty members in tar': empty_in_tar,
    'a million members of a byte in tar': small_in_tar,
    'a million members of a byte in cpio': small_in_cpio,
    'a sparse member of 4 PiB':
        lambda: tar_header('m', 512, b'S', [(386, b'%011o\0%011o\0' % (0, 512)), (483, HUGE)]) + bytes(1536),
    'a member that states 4 PiB': lambda: tar_header('m', 0, b'0', [(124, HUGE)]) + bytes(2048),
    '+links out of the tree': lambda: in_tar(['a/passwd'], link='a'),
    '+absolute names': lambda: in_tar(['/etc/passwd', '../../../tmp/x', 'C:\\x']),
    'gzip forty deep': lambda: deep(gzip.compress),
    'tar forty deep':
        lambda: deep(lambda data: tar_header('m', len(data)) + data + bytes(-len(data) % 512) + bytes(1024)),
    '+xz with a dictionary of 1.5 GiB': large_dictionary,
    '+100,000 gzip members': lambda: gzip.compress(b'x') * 100000,
    '+a pax header of 200 MB': lambda: tar_header('x', 200 << 20, b'x') + bytes(200 << 20) + bytes(1024),
}

if len(sys.argv) < 3:
    print('\n'.join(BOMBS))
else:
    with open(sys.argv[2], 'wb') as file:
        file.write(BOMBS[sys.argv[1]]())
