-- name: plain_settings · called by disk::inserter · none · a commit is flushed before it returns
pragma journal_mode = wal;
pragma synchronous = full;
create table plain (position integer primary key, record blob not null) strict;
