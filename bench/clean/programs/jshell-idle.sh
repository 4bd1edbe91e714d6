jshell -q; sleep 600
