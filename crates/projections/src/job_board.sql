-- Jobs and the invitations that stand, for clients who post and talents who browse. Ids are 16 bytes and sort by time.

-- name: schema · called by schema::install · none · empty tables
create table job_board (
    id blob not null primary key,
    client blob not null,
    version integer not null default 1,
    title text,
    description text,
    headcount integer not null,
    hires integer not null default 0,
    status text not null,
    prior_status text,
    created_at integer not null,
    opened_at integer,
    expires_at integer,
    closes_at integer,
    filled_at integer,
    reasons text
) strict;
create index job_board_of_client on job_board (client, id);
create index job_board_of_client_and_status on job_board (client, status, id);
create index job_board_of_status on job_board (status, id);
create index job_board_public on job_board (id) where status not in ('draft', 'in_review', 'removed');
create table job_board_invitation (
    job_id blob not null,
    talent blob not null,
    invited_at integer not null,
    expires_at integer not null,
    primary key (job_id, talent)
) strict, without rowid;
create index job_board_invitation_of_talent on job_board_invitation (talent, job_id);

-- name: drop · called by schema::install · none · nothing of this read model is left
drop table if exists job_board;
drop table if exists job_board_invitation;

-- name: created · called by job_board::apply · primary key · one new row
insert into job_board (id, client, title, description, headcount, status, created_at)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: revised · called by job_board::apply · primary key · at most one row
update job_board set version = $2, title = $3, description = $4, headcount = $5 where id = $1;

-- name: moved · called by job_board::apply · primary key · at most one row, its reasons and the end of its pause forgotten
update job_board set status = $2, closes_at = null, reasons = null where id = $1;

-- name: opened · called by job_board::apply · primary key · at most one row
update job_board
set status = $2, opened_at = coalesce(opened_at, $3), expires_at = $4, closes_at = null, filled_at = null,
    reasons = null
where id = $1;

-- name: rejected · called by job_board::apply · primary key · at most one row
update job_board set status = $2, reasons = $3 where id = $1;

-- name: paused · called by job_board::apply · primary key · at most one row
update job_board set status = $2, closes_at = $3 where id = $1;

-- name: filled · called by job_board::apply · primary key · at most one row
update job_board set status = $2, filled_at = $3, closes_at = null where id = $1;

-- name: removed · called by job_board::apply · primary key · at most one row
update job_board set prior_status = status, status = $2, reasons = $3 where id = $1;

-- name: reinstated · called by job_board::apply · primary key · at most one row, with the end of a search that goes on
update job_board
set status = prior_status, prior_status = null, reasons = null,
    expires_at = case prior_status when $2 then $4 else expires_at end,
    closes_at = case prior_status when $3 then $4 else closes_at end
where id = $1 and prior_status is not null;

-- name: place_free · called by job_board::apply · primary key · at most one row
update job_board set hires = hires - 1 where id = $1;

-- name: hired · called by job_board::apply · primary key · at most one row
update job_board set hires = hires + 1 where id = $1;

-- name: invited · called by job_board::apply · primary key · one row
insert or replace into job_board_invitation (job_id, talent, invited_at, expires_at) values ($1, $2, $3, $4);

-- name: invitation_lapsed · called by job_board::apply · primary key · at most one row is gone
delete from job_board_invitation where job_id = $1 and talent = $2;

-- name: invitations_fallen · called by job_board::apply · primary key · those of one job are gone
delete from job_board_invitation where job_id = $1;

-- name: job · called by ReadModels::job · primary key · at most one row
select id, client, version, title, description, headcount, hires, status, created_at, opened_at, expires_at, closes_at,
    filled_at, reasons
from job_board where id = $1;

-- name: jobs_in · called by ReadModels::jobs · job_board_of_status · newest first, at most $3 rows
select id, client, version, title, description, headcount, hires, status, created_at, opened_at, expires_at, closes_at,
    filled_at, reasons
from job_board where status = $1 and id < $2 order by id desc limit $3;

-- name: public_jobs · called by ReadModels::jobs · job_board_public · newest first, at most $2 rows
select id, client, version, title, description, headcount, hires, status, created_at, opened_at, expires_at, closes_at,
    filled_at, reasons
from job_board where status not in ('draft', 'in_review', 'removed') and id < $1 order by id desc limit $2;

-- name: jobs_of_client · called by ReadModels::jobs · job_board_of_client · newest first, at most $3 rows
select id, client, version, title, description, headcount, hires, status, created_at, opened_at, expires_at, closes_at,
    filled_at, reasons
from job_board where client = $1 and id < $2 order by id desc limit $3;

-- name: jobs_of_client_in · called by ReadModels::jobs · job_board_of_client_and_status · newest first, at most $4 rows
select id, client, version, title, description, headcount, hires, status, created_at, opened_at, expires_at, closes_at,
    filled_at, reasons
from job_board where client = $1 and status = $2 and id < $3 order by id desc limit $4;

-- name: jobs_of_invited · called by ReadModels::jobs · job_board_invitation_of_talent · newest first, at most $3 rows
select j.id, j.client, j.version, j.title, j.description, j.headcount, j.hires, j.status, j.created_at, j.opened_at,
    j.expires_at, j.closes_at, j.filled_at, j.reasons
from job_board_invitation i join job_board j on j.id = i.job_id
where i.talent = $1 and i.job_id < $2 order by i.job_id desc limit $3;

-- name: invitations_of_job · called by ReadModels::invitations_by_jobs · primary key · as many as may stand at once
select job_id, talent, invited_at, expires_at from job_board_invitation where job_id = $1 order by talent;
