git -c safe.directory='*' clone -q file://$1 r; cd r; while :; do git -c gc.auto=0 repack -adfq; git log -p >/dev/null; done
