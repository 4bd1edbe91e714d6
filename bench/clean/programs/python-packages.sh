exec python3 "$(dirname "$0")/read-files.py" 250 'find /usr/lib/python3* -name "*.py" -o -name METADATA -o -name RECORD'
