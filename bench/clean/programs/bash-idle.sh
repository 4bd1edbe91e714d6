bash --norc -i; sleep 600
