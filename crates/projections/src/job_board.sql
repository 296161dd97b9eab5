-- Jobs, for clients who post and talents who browse. Ids are 16 bytes and sort by time.

-- name: schema · called by schema::install · none · an empty table
create table job_board (
    id blob not null primary key,
    client blob not null,
    title text,
    description text,
    headcount integer not null,
    hires integer not null default 0,
    status text not null,
    created_at integer not null,
    opened_at integer,
    expires_at integer,
    filled_at integer
) strict;
create index job_board_of_client on job_board (client, id);
create index job_board_of_status on job_board (status, id);
create index job_board_public on job_board (id) where status <> 'draft';

-- name: drop · called by schema::install · none · nothing of this read model is left
drop table if exists job_board;

-- name: created · called by job_board::apply · primary key · one new row
insert into job_board (id, client, title, description, headcount, status, created_at)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: opened · called by job_board::apply · primary key · at most one row
update job_board set status = $2, opened_at = $3, expires_at = $4 where id = $1;

-- name: filled · called by job_board::apply · primary key · at most one row
update job_board set status = $2, filled_at = $3 where id = $1;

-- name: expired · called by job_board::apply · primary key · at most one row
update job_board set status = $2 where id = $1;

-- name: reopened · called by job_board::apply · primary key · at most one row
update job_board set status = $2, expires_at = $3, filled_at = null where id = $1;

-- name: place_free · called by job_board::apply · primary key · at most one row
update job_board set hires = hires - 1 where id = $1;

-- name: hired · called by job_board::apply · primary key · at most one row
update job_board set hires = hires + 1 where id = $1;

-- name: job · called by ReadModels::job · primary key · at most one row
select id, client, title, description, headcount, hires, status, created_at, opened_at, expires_at, filled_at
from job_board where id = $1;

-- name: open_jobs · called by ReadModels::jobs · job_board_of_status · newest first, at most $3 rows
select id, client, title, description, headcount, hires, status, created_at, opened_at, expires_at, filled_at
from job_board where status = $1 and id < $2 order by id desc limit $3;

-- name: public_jobs · called by ReadModels::jobs · job_board_public · newest first, at most $2 rows
select id, client, title, description, headcount, hires, status, created_at, opened_at, expires_at, filled_at
from job_board where status <> 'draft' and id < $1 order by id desc limit $2;

-- name: jobs_of_client · called by ReadModels::jobs · job_board_of_client · newest first, at most $3 rows
select id, client, title, description, headcount, hires, status, created_at, opened_at, expires_at, filled_at
from job_board where client = $1 and id < $2 order by id desc limit $3;
