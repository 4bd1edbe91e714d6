cd $1 && exec node node_modules/typescript/bin/tsc -p . --noEmit --incremental false
