{ echo '<html><body><h1>Report</h1><script>'
echo 'const rows = Array.from({ length: 20000 }, (_, i) => ({ i, name: "row " + i }));'
echo 'document.write(rows.slice(0, 3000).map((r) => "<p>" + r.name).join(""));</script></body></html>'; } > p.html
exec chromium --headless=new --no-sandbox --disable-gpu --user-data-dir=$PWD/u file://$PWD/p.html --remote-debugging-port=28094
