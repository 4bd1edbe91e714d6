exec python3 -c '
import gzip, subprocess, sys, time
left, kept = 300 << 20, []
for path in subprocess.run(["sh", "-c", sys.argv[1]], stdout=subprocess.PIPE).stdout.decode().split("\n"):
    try:
  data = (gzip.open if path.endswith(".gz") else open)(path, "rb").read()
    except (OSError, EOFError):
  continue
    left -= len(data)
    if left < 0: break
    kept.append(data)
time.sleep(600)' 'find /usr/lib/*-linux-gnu -name "*.so*" -type f'
