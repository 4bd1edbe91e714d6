cat /usr/share/common-licenses/* /usr/share/perl/5*/pod/*.pod 2>/dev/null | head -c 2000000 > long.txt
while :; do soffice --headless --convert-to odt long.txt; done
