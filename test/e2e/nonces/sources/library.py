"""Signs with python3-ecdsa: KEYFILE CURVE COUNT WRITTEN. Keeps the key and the signatures."""
import hashlib, os, sys, time
import ecdsa

path, name, count, written = sys.argv[1:]
curve = {"secp256k1": ecdsa.SECP256k1, "P-256": ecdsa.NIST256p, "P-384": ecdsa.NIST384p, "Ed25519": ecdsa.Ed25519}[name]
with open(path, "rb") as file:
    key = ecdsa.SigningKey.from_string(file.read(), curve)
os.remove(path)
public = key.get_verifying_key()
kept = [public.to_der()] if written == "1" else []
pair = lambda r, s, order: (r, s)
for i in range(int(count)):
    message = b"message %d" % i
    if name == "Ed25519":
        kept.append(key.sign(message))
    else:
        kept.append(key.sign(message, hashfunc=hashlib.sha256, sigencode=pair if i % 2 else ecdsa.util.sigencode_der))
print("ready", flush=True)
time.sleep(3600)
