"""Reads the files that a shell command lists into memory, up to a number of megabytes, and keeps them."""
import gzip
import subprocess
import sys
import time

left, kept = int(sys.argv[1]) << 20, []
listed = subprocess.run(["sh", "-c", sys.argv[2]], stdout=subprocess.PIPE).stdout.decode()
for path in listed.split("\n"):
    try:
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
            data = file.read()
    except (OSError, EOFError):
        continue
    left -= len(data)
    if left < 0:
        break
    kept.append(data)
time.sleep(600)
