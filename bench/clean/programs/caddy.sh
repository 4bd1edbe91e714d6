printf 'http://127.0.0.1:28090 {\n root * /usr/share/doc\n file_server browse\n encode gzip\n}\n' > Caddyfile
(sleep 2; for i in $(seq 200); do curl -s "http://127.0.0.1:28090/?n=$i" >/dev/null; done) &
caddy run --config Caddyfile
