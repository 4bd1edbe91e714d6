"""Fills a Python process with typical contents: objects, strings, bytes, a TLS context with its roots.

Prints "ready" and waits to be dumped.
"""

import json
import ssl
import time

users = [
    {
        "id": i,
        "name": f"user{i}",
        "email": f"u{i}@example.org",
        "scores": [i, i * 2, {"third": i / 3}],
        "note": "x" * (i % 200),
    }
    for i in range(600_000)
]
text = json.dumps(users)
blocks = [text[i * 1000 : i * 1000 + 2**20].encode() for i in range(40)]
context = ssl.create_default_context()
print("ready", flush=True)
time.sleep(3600)
