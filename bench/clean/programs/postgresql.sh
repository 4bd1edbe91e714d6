initdb -D data -A trust >/dev/null; mkdir run
(sleep 2; psql -h 127.0.0.1 -p 28092 -d postgres -c "create table t as select n, md5(n::text) m,
  repeat('text ', 9) x from generate_series(1, 300000) n; create index on t(m)" -c "select count(*) from t a join t b using (m)"; exec sleep 600) &
exec postgres -D data -h 127.0.0.1 -p 28092 -k $PWD/run -c shared_buffers=256MB
