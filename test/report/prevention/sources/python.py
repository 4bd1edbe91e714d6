"""Holds the secret of the file `secret` in the way that the first argument names, and waits to be dumped."""
import gc
import os
import sys

way = sys.argv[1]
file = os.open('secret', os.O_RDONLY)
held = os.read(file, os.fstat(file).st_size)
if 'key' in way:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(held, None)
if 'deleted' in way:
    del held
    gc.collect()
print('ready', flush=True)
sys.stdin.read()
