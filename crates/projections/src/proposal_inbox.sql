-- Proposals with the newest offer of each. Ids are 16 bytes and sort by time.

-- name: schema · called by schema::install · none · an empty table
create table proposal_inbox (
    id blob not null primary key,
    job_id blob not null,
    client blob not null,
    talent blob not null,
    cover_letter text,
    status text not null,
    submitted_at integer not null,
    offer_number integer,
    offer_author text,
    offer_terms text,
    offer_salt text,
    offer_terms_hash text,
    offer_made_at integer,
    offer_expires_at integer,
    offer_expired integer not null default 0,
    contract_id blob
) strict;
create index proposal_inbox_of_job on proposal_inbox (job_id, id);
create index proposal_inbox_of_job_and_talent on proposal_inbox (job_id, talent, id);
create index proposal_inbox_of_client on proposal_inbox (client, id);
create index proposal_inbox_of_talent on proposal_inbox (talent, id);

-- name: drop · called by schema::install · none · nothing of this read model is left
drop table if exists proposal_inbox;

-- name: submitted · called by proposal_inbox::apply · primary key · one new row
insert into proposal_inbox (id, job_id, client, talent, cover_letter, status, submitted_at)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: offer_made · called by proposal_inbox::apply · primary key · at most one row
update proposal_inbox
set status = $2, offer_number = $3, offer_author = $4, offer_terms = $5, offer_salt = $6, offer_terms_hash = $7,
    offer_made_at = $8, offer_expires_at = $9, offer_expired = 0
where id = $1;

-- name: offer_expired · called by proposal_inbox::apply · primary key · at most one row
update proposal_inbox set status = $2, offer_expired = 1 where id = $1;

-- name: offer_accepted · called by proposal_inbox::apply · primary key · at most one row
update proposal_inbox set status = $2, contract_id = $3 where id = $1;

-- name: proposal · called by ReadModels::proposal · primary key · at most one row
select id, job_id, client, talent, cover_letter, status, submitted_at, contract_id,
    offer_number, offer_author, offer_terms, offer_salt, offer_terms_hash, offer_made_at, offer_expires_at,
    offer_expired
from proposal_inbox where id = $1;

-- name: proposals_of_job · called by ReadModels::proposals · proposal_inbox_of_job · newest first, at most $3 rows
select id, job_id, client, talent, cover_letter, status, submitted_at, contract_id,
    offer_number, offer_author, offer_terms, offer_salt, offer_terms_hash, offer_made_at, offer_expires_at,
    offer_expired
from proposal_inbox where job_id = $1 and id < $2 order by id desc limit $3;

-- name: proposals_of_job_and_talent · called by ReadModels::proposals · proposal_inbox_of_job_and_talent · newest first, at most $4 rows
select id, job_id, client, talent, cover_letter, status, submitted_at, contract_id,
    offer_number, offer_author, offer_terms, offer_salt, offer_terms_hash, offer_made_at, offer_expires_at,
    offer_expired
from proposal_inbox where job_id = $1 and talent = $2 and id < $3 order by id desc limit $4;

-- name: proposals_of_client · called by ReadModels::proposals · proposal_inbox_of_client · newest first, at most $3 rows
select id, job_id, client, talent, cover_letter, status, submitted_at, contract_id,
    offer_number, offer_author, offer_terms, offer_salt, offer_terms_hash, offer_made_at, offer_expires_at,
    offer_expired
from proposal_inbox where client = $1 and id < $2 order by id desc limit $3;

-- name: proposals_of_talent · called by ReadModels::proposals · proposal_inbox_of_talent · newest first, at most $3 rows
select id, job_id, client, talent, cover_letter, status, submitted_at, contract_id,
    offer_number, offer_author, offer_terms, offer_salt, offer_terms_hash, offer_made_at, offer_expires_at,
    offer_expired
from proposal_inbox where talent = $1 and id < $2 order by id desc limit $3;
