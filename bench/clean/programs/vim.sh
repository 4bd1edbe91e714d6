for d in /usr/include; do cat $d/*.h; done > all.h; script -qec "vim -u NONE all.h" /dev/null
