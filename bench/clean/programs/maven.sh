while :; do mvn -o --version; mvn -o -X help:help; done
