-- Each statement is found by its name when the program is compiled. After the name: who calls it, what serves it, what
-- it promises.

-- name: settings · called by connection::connect · none · a file can't make the engine run code, or hide bad cells
pragma trusted_schema = off;
pragma cell_size_check = on;
pragma recursive_triggers = on;
pragma temp_store = memory;

-- name: writer_settings · called by connection::connect · none · a commit is on the disk before it is acknowledged
pragma journal_mode = wal;
pragma synchronous = full;
pragma fullfsync = on;
pragma checkpoint_fullfsync = on;
pragma wal_autocheckpoint = 0;
pragma cache_size = -65536;

-- name: journal_mode · called by connection::durability · none · one row
pragma journal_mode;

-- name: synchronous · called by connection::durability · none · one row; 2 is full
pragma synchronous;

-- name: autocheckpoint · called by connection::durability · none · one row; 0 is never
pragma wal_autocheckpoint;

-- name: identity · called by open::create · none · marks the file as ours, in this format
pragma application_id = 1128680519;
pragma user_version = 1;

-- name: application_id · called by verify::identity · none · one row
pragma application_id;

-- name: user_version · called by verify::identity · none · one row
pragma user_version;

-- name: schema · called by verify::schema · none · every definition in the file
select type, name, tbl_name, coalesce(sql, '') from sqlite_schema order by type, name, tbl_name;

-- name: insert_meta · called by open::create · primary key (name) · once, when the file is made
insert into meta (name, value) values (?1, ?2);

-- name: meta · called by verify::marketplace · primary key (name) · everything that it should hold, and some more
select name, value from meta order by name limit 10;

-- name: begin_read · called by connection::snapshot · none · one state of the log for all reads until the end
begin deferred;

-- name: begin_write · called by transaction::write · none · the write lock is held from the start
begin immediate;

-- name: commit · called by transaction::write, connection::snapshot · none · durable when it returns
commit;

-- name: rollback · called by transaction::write, connection::snapshot · none · nothing of it remains
rollback;

-- name: insert_event · called by transaction::insert_batch · primary key (position) · never replaces
insert into event (position, record, leaf, previous) values (?1, ?2, ?3, ?4);

-- name: insert_batch · called by transaction::insert_batch · primary key (first_position) · never replaces
insert into batch (first_position, last_position, recorded_at) values (?1, ?2, ?3);

-- name: insert_command · called by commands::CommandIndex · primary key (key) · changes nothing if the key is taken
insert into command (key, position) values (?1, ?2) on conflict (key) do nothing;

-- name: stream_head · called by transaction::StreamHeads, reader · primary key (stream) · at most one row
select revision, position from stream_head where stream = ?1;

-- name: move_stream_head · called by transaction::StreamHeads · primary key (stream) · changes nothing unless at ?4
insert into stream_head (stream, revision, position) values (?1, ?2, ?3)
on conflict (stream) do update set revision = excluded.revision, position = excluded.position where revision = ?4;

-- name: consumer · called by reader::checkpoint, transaction::advance · primary key (name) · at most one row
select position, leaf, digest from consumer where name = ?1;

-- name: move_consumer · called by transaction::advance, commands · primary key (name) · under the write lock
insert into consumer (name, position, leaf, digest) values (?1, ?2, ?3, ?4)
on conflict (name) do update set position = excluded.position, leaf = excluded.leaf, digest = excluded.digest;

-- name: leaf · called by transaction::advance, reader::newest · primary key (position) · at most one row
select leaf from event where position = ?1;

-- name: tail · called by reader::head, rows::head · primary key (first_position) · the newest batch
select first_position, last_position, recorded_at from batch order by first_position desc limit 1;

-- name: last_event · called by reader::confirmed_head, rows::head · primary key (position) · the newest position, null if none
select max(position) from event;

-- name: page · called by reader::page, reader::command · primary key (position) · at most ?2 rows in order
select position, record, leaf from event where position > ?1 order by position limit ?2;

-- name: event · called by reader::stream, rows::event · primary key (position) · at most one row
select position, record, leaf, previous from event where position = ?1;

-- name: command · called by commands::stored · primary key (key) · at most one row
select position from command where key = ?1;

-- name: inspect_events · called by rows::events · primary key (position) · at most ?3 rows in order
select position, record, leaf, previous from event where position between ?1 and ?2 order by position limit ?3;

-- name: inspect_batches · called by rows::batches · primary key (first_position) · in order
select first_position, last_position, recorded_at from batch
where first_position between ?1 and ?2 order by first_position limit ?3;

-- name: inspect_streams · called by rows::streams · primary key (stream) · at most ?2 rows in order
select stream, revision, position from stream_head where stream > ?1 order by stream limit ?2;

-- name: inspect_commands · called by rows::commands · primary key (key) · at most ?2 rows in order
select key, position from command where key > ?1 order by key limit ?2;

-- name: inspect_consumers · called by rows::consumers · primary key (name) · at most ?1 rows
select name, position, leaf, digest from consumer order by name limit ?1;

-- name: structure · called by rows::structure · the engine's own check · one row "ok", or one for each fault
pragma integrity_check(100);

-- name: checkpoint_state · called by wal::WalBound · none · (busy, frames in the log, frames written back)
pragma wal_checkpoint(noop);

-- name: checkpoint_passive · called by wal::Mover · none · as above; never waits for anybody
pragma wal_checkpoint(passive);

-- name: checkpoint_restart · called by wal::WalBound · none · as above; the next append starts the log's file over
pragma wal_checkpoint(restart);

-- name: checkpoint_truncate · called by writer::Writer, open::keep_recovered · none · as above; the log's file is empty after it
pragma wal_checkpoint(truncate);
