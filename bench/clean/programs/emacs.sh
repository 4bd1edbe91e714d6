cat /usr/include/*.h > all.h; TERM=xterm script -qec "emacs -nw -Q all.h" /dev/null
