(sleep 1; redis-benchmark -p 28091 -n 200000 -r 100000 -q >/dev/null; exec sleep 600) &
exec redis-server --port 28091 --bind 127.0.0.1 --save '' --appendonly no
