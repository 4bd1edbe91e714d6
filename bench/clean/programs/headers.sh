exec python3 "$(dirname "$0")/read-files.py" 200 'find /usr/include /usr/share/perl* /usr/lib/ruby -type f'
