"""Loads an Ed25519 key from the seed alone, like applications of PyNaCl, signs with it, and keeps running."""

import sys
from nacl.signing import SigningKey

der = bytearray(48)
with open("keys/ed25519.der", "rb", buffering=0) as file:
    file.readinto(der)
key = SigningKey(bytes(der[16:]))
der[:] = bytes(48)
for _ in range(3):
    key.sign(b"message")
print("ready", flush=True)
sys.stdin.read()
