exec bash -c 'for f in /usr/share/bash-completion/completions/*; do . $f; done 2>/dev/null
declare -A map; for i in {1..20000}; do map[entry$i]="value of $i"; done; sleep 600 & wait'
