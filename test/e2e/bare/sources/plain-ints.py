"""Loads keys of python-ecdsa, all in Python's own integers and bytes, signs with them, and stays."""

import sys
from ecdsa import SigningKey

keys = []
for name in sys.argv[1:]:
    with open(f"keys/{name}.der", "rb", buffering=0) as file:
        der = bytearray(file.readall())
    keys.append(SigningKey.from_der(bytes(der)))
    der[:] = bytes(len(der))
for _ in range(3):
    for key in keys:
        key.sign(b"message")
print("ready", flush=True)
sys.stdin.read()
