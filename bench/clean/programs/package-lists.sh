exec python3 "$(dirname "$0")/read-files.py" 200 'find /var/lib/dpkg /var/lib/apt/lists -type f'
