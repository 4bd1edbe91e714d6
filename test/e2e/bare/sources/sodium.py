"""Loads an Ed25519 key by the seed alone, as applications of PyNaCl keep it, signs with it, and stays."""

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
