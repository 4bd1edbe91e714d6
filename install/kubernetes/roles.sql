-- Users of the database of a hunt, before the first "dumpsieve hunt migrate": psql -d hunt -f roles.sql, by a superuser.
-- Set their passwords by \password, which sends them hashed.

-- Of each right one role: migrates, lists and forgets; stores results, and reads none; reads.
create role fleet_admin nologin;
create role fleet_worker nologin;
create role fleet_reader nologin;
create role hunt_admin login in role fleet_admin;
create role hunt_worker login in role fleet_worker;
create role hunt_reader login in role fleet_reader;

-- The migration makes its own schemas.
do $$ begin execute format('grant create on database %I to fleet_admin', current_database()); end $$;

-- KEDA counts queued jobs. It sees the queue, which has digests and numbers alone, and no results.
create role hunt_scaler login;
create schema pgboss authorization hunt_admin;
grant usage on schema pgboss to hunt_scaler;
alter default privileges for role hunt_admin in schema pgboss grant select on tables to hunt_scaler;
