exec python3 "$(dirname "$0")/read-files.py" 300 'find /usr/lib/*-linux-gnu -name "*.so*" -type f'
