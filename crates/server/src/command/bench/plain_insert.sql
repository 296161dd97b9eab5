-- name: plain_insert · called by disk::inserter · primary key (position) · one row, a transaction of its own
insert into plain (record) values (?1);
