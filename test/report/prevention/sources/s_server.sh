# A server with the key of the file `secret`, which has signed its own certificate before.
"$1" req -x509 -new -key secret -subj /CN=held.example -out certificate 2>/dev/null || exit 2
exec "$1" s_server -key secret -cert certificate -accept 127.0.0.1:0 -naccept 1
