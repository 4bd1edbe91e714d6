printf 'daemon off; pid n.pid; error_log e.log; events {} http { access_log a.log; server { listen 127.0.0.1:28093; root /usr/share/doc; autoindex on; } }' > n.conf
(sleep 1; for i in $(seq 100); do curl -s "http://127.0.0.1:28093/?n=$i" >/dev/null; done) &
exec nginx -p $PWD -c $PWD/n.conf
