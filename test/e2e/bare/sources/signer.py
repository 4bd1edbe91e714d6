"""Loads every key of the folder keys, signs with it, and keeps running."""

import sys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def load(name):
    with open(f"keys/{name}.pem", "rb") as file:
        return load_pem_private_key(file.read(), None)


def sign(key):
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(b"message", padding.PKCS1v15(), hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(b"message", ec.ECDSA(hashes.SHA256()))
    return key.sign(b"message")


keys = [load(name) for name in sys.argv[1:]]
for _ in range(3):
    for key in keys:
        sign(key)
print("ready", flush=True)
sys.stdin.read()
