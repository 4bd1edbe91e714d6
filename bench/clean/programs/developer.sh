cp -r $1/src $1/package.json $1/package-lock.json . 2>/dev/null
script -qec "tmux -L clean -f /dev/null -D" /dev/null & sleep 1
tmux -L clean new-session -d "bash -i"; tmux -L clean split-window "vim -u NONE package-lock.json"
tmux -L clean send-keys -t 0 "git log; ls -la; env; cat package.json; grep -r export src | head" Enter
tmux -L clean new-window "node -i"; command -v clangd && tmux -L clean new-window "clangd --check=/usr/include/stdio.h; sleep 600"
(printf 'Content-Length: 113\r\n\r\n{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":"file:///tmp","capabilities":{}}}'; exec sleep 600) | clangd
