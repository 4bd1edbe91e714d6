cp -r $1/src $1/package.json $1/package-lock.json $1/tsconfig.json . 2>/dev/null
script -qec "tmux -L clean -f /dev/null -D" /dev/null & sleep 1
tmux -L clean new-session -d "bash -i"; tmux -L clean split-window "vim -u NONE package-lock.json"
tmux -L clean send-keys -t 0 "git log; ls -la; env; cat package.json; grep -r export src | head" Enter
tmux -L clean new-window "node -i"
command -v clangd && tmux -L clean new-window "clangd --check=/usr/include/stdio.h; sleep 600"
modules='os, sys, json, ssl, urllib.request, asyncio'
tmux -L clean new-window "python3 -i -c 'import $modules; print(dict(os.environ))'"
command -v nano && tmux -L clean new-window "nano package.json"
command -v ssh-agent && tmux -L clean new-window "ssh-agent -D -a ./agent"
git init -q . && git add src && git -c user.name=dev -c user.email=dev@localhost commit -qm one
tmux -L clean new-window "git log -p"
command -v npm && tmux -L clean new-window "npm exec --offline -c 'sleep 600'"
# The language servers of TypeScript and C.
message() {
  text='{"jsonrpc":"2.0",'$1'}'
  printf 'Content-Length: %d\r\n\r\n%s' ${#text} "$text"
}
file='"textDocument":{"uri":"file://'$PWD'/src/index.ts"'
opened=$file',"languageId":"typescript","version":1,"text":"export * from \"./scan.js\";"}'
initialize() {
  message '"id":1,"method":"initialize","params":{"processId":null,"rootUri":"file://'$1'","capabilities":{}}'
}
(initialize /tmp; exec sleep 600) | clangd &
(initialize $PWD
  sleep 2; message '"method":"initialized","params":{}'
  message '"method":"textDocument/didOpen","params":{'"$opened"'}'
  message '"id":2,"method":"textDocument/hover","params":{'"$file"'},"position":{"line":0,"character":5}}'
  exec sleep 600) | node $1/node_modules/typescript/lib/tsc.js --lsp --stdio &
wait
