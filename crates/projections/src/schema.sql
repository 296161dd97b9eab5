-- The file itself: what it is marked with, how it is written, and where each read model stands.

-- name: identity · called by schema::open · none · marks a new file as ours, in this format
pragma application_id = 1128682061;
pragma user_version = 1;
create table checkpoint (
    name text not null primary key,
    version integer not null,
    position integer not null,
    leaf blob not null
) strict, without rowid;

-- name: writer_settings · called by schema::connect_writer · none · a commit is atomic; the newest may be lost with the power, and is folded again from the log
pragma journal_mode = wal;
pragma synchronous = normal;
pragma trusted_schema = off;
pragma temp_store = memory;
pragma cache_size = -65536;

-- name: reader_settings · called by schema::connect_reader · none · nothing is written
pragma query_only = on;
pragma trusted_schema = off;
pragma temp_store = memory;

-- name: checkpoint · called by schema::install · primary key · at most one row, none if the version is another
select position, leaf from checkpoint where name = $1 and version = $2;

-- name: begin · called by schema::install · primary key · the read model stands before the first event
insert or replace into checkpoint (name, version, position, leaf) values ($1, $2, 0, zeroblob(32));

-- name: move_checkpoint · called by writer::move_checkpoint · primary key · one row, or none if somebody else moved it
update checkpoint set position = $4, leaf = $5 where name = $1 and version = $2 and position = $3;

-- name: empty_write_ahead_log · called by schema::empty_write_ahead_log · none · one row; everything committed is in the file itself
pragma wal_checkpoint(truncate);

-- name: attach_beside · called by schema::connect_beside · none · the file of a rebuild is the schema beside
attach database $1 as beside;

-- name: tables · called by schema::tables · none · a row for each table of a read model
select name from sqlite_schema where type = 'table' and name <> 'checkpoint' order by name;

-- name: drop_live · called by rebuild::swap, with a table's name for any_table · none · the live table is gone
drop table if exists main.any_table;

-- name: copy_beside · called by rebuild::swap, with a table's name for any_table · none · the empty live table has the rows folded beside it
insert into main.any_table select * from beside.any_table;

-- name: begin_read · called by pool::snapshot · none · the statements up to end_read see one state
begin;

-- name: end_read · called by pool::snapshot · none · nothing was written
commit;
