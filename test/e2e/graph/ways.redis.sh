#!/bin/sh
# Holds values that come by lines, in the order of core-ways.ts, in the keys of a Redis that becomes this process.
folder=$(mktemp -d)
socket=$folder/socket
exec 3<&0
call() { redis-cli -s "$socket" "$@" > /dev/null; }
# The value goes by standard input, so that no argument has it.
set_to() { read -r value <&3; printf '%s' "$value" | redis-cli -s "$socket" -x "$@" > /dev/null; }
{
  until call PING; do sleep 0.05; done
  set_to SET db.password
  set_to HSET small client_secret
  call HSET small region eu-west-1
  set_to HSET small session_secret
  call CONFIG SET hash-max-listpack-entries 8
  for i in 1 2 3 4 5 6 7 8 9 10; do call HSET large "field$i" "text $i"; done
  set_to HSET large api_secret
  for name in requestId etag sha256 publicKey traceId cacheKey; do set_to HSET decoys "$name"; done
  rm -r "$folder"
  echo ready
} 2> /dev/null &
exec redis-server --port 0 --unixsocket "$socket" --dir "$folder" --save '' 3<&- > /dev/null
