"""Textbook ECDSA over int: KEYFILE CURVE COUNT WRITTEN. Keeps the key and the signatures as integers."""
import hashlib, os, secrets, sys, time

CURVES = {
    "secp256k1": (2**256 - 2**32 - 977, 0,
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141,
        (0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798,
         0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8)),
    "P-256": (2**256 - 2**224 + 2**192 + 2**96 - 1, -3,
        0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
        (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
         0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)),
}
path, name, count, written = sys.argv[1:]
p, a, n, generator = CURVES[name]


def add(one, two):
    if one is None or two is None:
        return one or two
    (x1, y1), (x2, y2) = one, two
    slope = (3 * x1 * x1 + a) * pow(2 * y1, -1, p) if x1 == x2 else (y2 - y1) * pow(x2 - x1, -1, p)
    x = (slope * slope - x1 - x2) % p
    return x, (slope * (x1 - x) - y1) % p


def multiply(k):
    total, point = None, generator
    while k:
        if k & 1:
            total = add(total, point)
        point = add(point, point)
        k >>= 1
    return total


with open(path, "rb") as file:
    d = int.from_bytes(file.read(), "big")
os.remove(path)
public = multiply(d)
kept = []
if written == "1":
    kept.append(b"\4" + b"".join(each.to_bytes(32, "big") for each in public))
for i in range(int(count)):
    h = int.from_bytes(hashlib.sha256(b"message %d" % i).digest(), "big")
    k = secrets.randbelow(n)
    r = multiply(k)[0] % n
    kept.append((r, pow(k, -1, n) * (h + r * d) % n))
print("ready", flush=True)
time.sleep(3600)
