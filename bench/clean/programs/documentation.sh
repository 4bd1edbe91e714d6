exec python3 "$(dirname "$0")/read-files.py" 300 'find /usr/share/doc /usr/share/man -type f'
