"""Writes the bytes of standard input as text in many forms: a JSON object of name to text (Latin-1)."""
import base64, binascii, gzip, io, json, struct, sys, zlib

data = sys.stdin.buffer.read()
reverse = data[::-1]


def words(size, order='<'):
    padded = data + bytes(-len(data) % size)
    kind = {2: 'H', 4: 'I', 8: 'Q'}[size]
    return struct.unpack(f'{order}{len(padded) // size}{kind}', padded)


def uuencoded(end='\n'):
    lines = [binascii.b2a_uu(data[i:i + 45]).decode() for i in range(0, len(data), 45)]
    return 'begin 644 secret\n' + ''.join(lines).replace('\n', end) + '`\nend\n'


def lldb():
    """As `memory read` prints: LLDB's dump of bytes with characters."""
    lines = []
    for i in range(0, len(data), 16):
        part = data[i:i + 16]
        shown = ''.join(chr(b) if 32 <= b < 127 else '.' for b in part)
        lines.append(f'0x{0x7ffeefbff5c0 + i:x}: {" ".join(f"{b:02x}" for b in part):<47}  {shown}\n')
    return ''.join(lines)


def windbg():
    """As WinDbg's `db` prints."""
    lines = []
    for i in range(0, len(data), 16):
        part = data[i:i + 16]
        shown = ''.join(chr(b) if 32 <= b < 127 else '.' for b in part)
        pairs = [f'{b:02x}' for b in part]
        row = ' '.join(pairs[:8]) + ('-' if len(pairs) > 8 else ' ') + ' '.join(pairs[8:])
        lines.append(f'00000238`1f0a{0x12a0 + i:04x}  {row:<47}  {shown}\n')
    return ''.join(lines)


def kernel():
    """As Linux's print_hex_dump writes to a log."""
    lines = []
    for i in range(0, len(data), 16):
        part = data[i:i + 16]
        shown = ''.join(chr(b) if 32 <= b < 127 else '.' for b in part)
        lines.append(f'[ 12.345678] keyblob: {i:08x}: {" ".join(f"{b:02x}" for b in part):<47}  {shown}\n')
    return ''.join(lines)


def raw_gzip():
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode='wb', mtime=0) as file:
        file.write(data)
    return out.getvalue()


forms = {
    'hex le': reverse.hex(),
    'hex le, upper case': reverse.hex().upper(),
    'base64 le': base64.b64encode(reverse).decode(),
    'base64url le': base64.urlsafe_b64encode(reverse).decode(),
    'C words, U': ', '.join(f'0x{w:08x}U' for w in words(4)),
    'C words, UL': ', '.join(f'0x{w:016x}UL' for w in words(8)),
    'C words, ULL': '{ ' + ', '.join(f'0x{w:x}ULL' for w in words(8)) + ' };',
    'C words, LL, big-endian': ','.join(f'0x{w:016X}LL' for w in words(8, '>')),
    'C decimal words, UL': ', '.join(f'{w}UL' for w in words(8)),
    'BigInt literals': '[' + ', '.join(f'0x{w:x}n' for w in words(8)) + ']',
    'JSON object by index': json.dumps({str(i): b for i, b in enumerate(data)}, separators=(',', ':')),
    'inspected object by index': '{ ' + ', '.join(f"'{i}': {b}" for i, b in enumerate(data)) + ' }',
    'PHP print_r': 'Array\n(\n' + ''.join(f'    [{i}] => {b}\n' for i, b in enumerate(data)) + ')\n',
    'decimal words of 64 bits': '[' + ' '.join(map(str, words(8))) + ']',
    'decimal words of 64 bits, big-endian': json.dumps(words(8, '>')),
    'signed words of 64 bits': str(list(struct.unpack(f'<{(len(data) + 7) // 8}q', data + bytes(-len(data) % 8)))),
    'decimal words of 32 bits': ', '.join(map(str, words(4))),
    'signed words of 32 bits': str(list(struct.unpack(f'<{(len(data) + 3) // 4}i', data + bytes(-len(data) % 4)))),
    'base32': base64.b32encode(data).decode(),
    'base32, lower case, in a text': 'seed:' + base64.b32encode(b'ab' + data).decode().lower().rstrip('='),
    'ascii85': base64.a85encode(data).decode(),
    'ascii85 of Adobe': base64.a85encode(b'x' + data, wrapcol=72, adobe=True).decode(),
    'uuencode': uuencoded(),
    'uuencode with spaces, CRLF': uuencoded('\r\n').replace('`', ' '),
    'lldb memory read': lldb(),
    'WinDbg db': windbg(),
    'kernel log': kernel(),
    'kernel log in JSON': json.dumps({'log': lldb()}),
    'base64 of zlib': base64.b64encode(zlib.compress(data)).decode(),
    'base64 of zlib, best': 'session=' + base64.urlsafe_b64encode(zlib.compress(data, 9)).decode(),
    'base64 of zlib, fast': base64.b64encode(zlib.compress(data, 1)).decode(),
    'base64 of gzip': base64.b64encode(raw_gzip()).decode(),
    'hex of zlib': zlib.compress(data).hex(),
    'hex of gzip': '\\x' + raw_gzip().hex(),
    'hex of gzip, upper case': raw_gzip().hex().upper(),
}
json.dump(forms, sys.stdout)
