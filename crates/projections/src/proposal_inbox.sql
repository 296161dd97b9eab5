-- Proposals with all their offers. Ids are 16 bytes and sort by time. What was never submitted has no instant of that.

-- name: schema · called by schema::install · none · empty tables
create table proposal_inbox (
    id blob not null primary key,
    job_id blob not null,
    job_version integer,
    client blob not null,
    talent blob not null,
    cover_letter text,
    status text not null,
    created_at integer not null,
    submitted_at integer,
    offers integer not null default 0,
    contract_id blob,
    reasons text
) strict;
create index proposal_inbox_of_job on proposal_inbox (job_id, id) where submitted_at is not null;
create index proposal_inbox_of_job_and_talent on proposal_inbox (job_id, talent, id);
create index proposal_inbox_of_client on proposal_inbox (client, id) where submitted_at is not null;
create index proposal_inbox_of_client_and_status on proposal_inbox (client, status, id) where submitted_at is not null;
create index proposal_inbox_of_talent on proposal_inbox (talent, id);
create index proposal_inbox_of_talent_and_status on proposal_inbox (talent, status, id);
create table proposal_inbox_offer (
    proposal_id blob not null,
    number integer not null,
    author text not null,
    terms text not null,
    salt text not null,
    terms_hash text not null,
    made_at integer not null,
    expires_at integer not null,
    status text not null,
    primary key (proposal_id, number)
) strict, without rowid;

-- name: drop · called by schema::install · none · nothing of this read model is left
drop table if exists proposal_inbox;
drop table if exists proposal_inbox_offer;

-- name: begun · called by proposal_inbox::begun · primary key · one new row
insert into proposal_inbox
    (id, job_id, job_version, client, talent, cover_letter, status, created_at, submitted_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, iif($3 is null, null, $8));

-- name: submitted · called by proposal_inbox::apply · primary key · at most one row
update proposal_inbox set status = $2, job_version = $3, submitted_at = $4 where id = $1;

-- name: revised · called by proposal_inbox::apply · primary key · at most one row
update proposal_inbox set job_version = $2, cover_letter = $3 where id = $1;

-- name: moved · called by proposal_inbox::apply · primary key · at most one row
update proposal_inbox set status = $2 where id = $1;

-- name: declined · called by proposal_inbox::apply · primary key · at most one row
update proposal_inbox set status = $2, reasons = $3 where id = $1;

-- name: accepted · called by proposal_inbox::apply · primary key · at most one row
update proposal_inbox set status = $2, contract_id = $3 where id = $1;

-- name: offered · called by proposal_inbox::apply · primary key · at most one row
update proposal_inbox set status = $2, offers = $3 where id = $1;

-- name: offer_made · called by proposal_inbox::apply · primary key · one new row
insert into proposal_inbox_offer
    (proposal_id, number, author, terms, salt, terms_hash, made_at, expires_at, status)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: offer_over · called by proposal_inbox::apply · primary key · at most one row
update proposal_inbox_offer set status = $3 where proposal_id = $1 and number = $2;

-- name: open_offer_over · called by proposal_inbox::apply · primary key · at most one row
update proposal_inbox_offer set status = $3
where proposal_id = $1 and number = (select offers from proposal_inbox where id = $1) and status = $2;

-- name: proposal · called by ReadModels::proposal · primary key · at most one row
select p.id, p.job_id, p.job_version, p.client, p.talent, p.cover_letter, p.status, p.created_at, p.submitted_at, p.contract_id,
    p.reasons, o.number, o.author, o.terms, o.salt, o.terms_hash, o.made_at, o.expires_at, o.status
from proposal_inbox p left join proposal_inbox_offer o on o.proposal_id = p.id and o.number = p.offers
where p.id = $1;

-- name: proposals_of_job · called by ReadModels::proposals · proposal_inbox_of_job · newest first, at most $3 rows
select p.id, p.job_id, p.job_version, p.client, p.talent, p.cover_letter, p.status, p.created_at, p.submitted_at, p.contract_id,
    p.reasons, o.number, o.author, o.terms, o.salt, o.terms_hash, o.made_at, o.expires_at, o.status
from proposal_inbox p left join proposal_inbox_offer o on o.proposal_id = p.id and o.number = p.offers
where p.job_id = $1 and p.submitted_at is not null and p.id < $2 order by p.id desc limit $3;

-- name: proposals_of_job_and_talent · called by ReadModels::proposals · proposal_inbox_of_job_and_talent · newest first, at most $4 rows
select p.id, p.job_id, p.job_version, p.client, p.talent, p.cover_letter, p.status, p.created_at, p.submitted_at, p.contract_id,
    p.reasons, o.number, o.author, o.terms, o.salt, o.terms_hash, o.made_at, o.expires_at, o.status
from proposal_inbox p left join proposal_inbox_offer o on o.proposal_id = p.id and o.number = p.offers
where p.job_id = $1 and p.talent = $2 and p.id < $3 order by p.id desc limit $4;

-- name: proposals_of_client · called by ReadModels::proposals · proposal_inbox_of_client · newest first, at most $3 rows
select p.id, p.job_id, p.job_version, p.client, p.talent, p.cover_letter, p.status, p.created_at, p.submitted_at, p.contract_id,
    p.reasons, o.number, o.author, o.terms, o.salt, o.terms_hash, o.made_at, o.expires_at, o.status
from proposal_inbox p left join proposal_inbox_offer o on o.proposal_id = p.id and o.number = p.offers
where p.client = $1 and p.submitted_at is not null and p.id < $2 order by p.id desc limit $3;

-- name: proposals_of_client_in · called by ReadModels::proposals · proposal_inbox_of_client_and_status · newest first, at most $4 rows
select p.id, p.job_id, p.job_version, p.client, p.talent, p.cover_letter, p.status, p.created_at, p.submitted_at, p.contract_id,
    p.reasons, o.number, o.author, o.terms, o.salt, o.terms_hash, o.made_at, o.expires_at, o.status
from proposal_inbox p left join proposal_inbox_offer o on o.proposal_id = p.id and o.number = p.offers
where p.client = $1 and p.status = $2 and p.submitted_at is not null and p.id < $3 order by p.id desc limit $4;

-- name: proposals_of_talent · called by ReadModels::proposals · proposal_inbox_of_talent · newest first, at most $3 rows
select p.id, p.job_id, p.job_version, p.client, p.talent, p.cover_letter, p.status, p.created_at, p.submitted_at, p.contract_id,
    p.reasons, o.number, o.author, o.terms, o.salt, o.terms_hash, o.made_at, o.expires_at, o.status
from proposal_inbox p left join proposal_inbox_offer o on o.proposal_id = p.id and o.number = p.offers
where p.talent = $1 and p.id < $2 order by p.id desc limit $3;

-- name: proposals_of_talent_in · called by ReadModels::proposals · proposal_inbox_of_talent_and_status · newest first, at most $4 rows
select p.id, p.job_id, p.job_version, p.client, p.talent, p.cover_letter, p.status, p.created_at, p.submitted_at, p.contract_id,
    p.reasons, o.number, o.author, o.terms, o.salt, o.terms_hash, o.made_at, o.expires_at, o.status
from proposal_inbox p left join proposal_inbox_offer o on o.proposal_id = p.id and o.number = p.offers
where p.talent = $1 and p.status = $2 and p.id < $3 order by p.id desc limit $4;

-- name: offers_of_proposal · called by ReadModels::offers_by_proposals · primary key · newest first, at most $2 rows
select proposal_id, number, author, terms, salt, terms_hash, made_at, expires_at, status
from proposal_inbox_offer where proposal_id = $1 order by number desc limit $2;
