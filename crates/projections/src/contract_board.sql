-- Contracts with their milestones. Ids are 16 bytes and sort by time; amounts are minor units of the row's currency.

-- name: schema · called by schema::install · none · empty tables
create table contract_board (
    id blob not null primary key,
    job_id blob not null,
    proposal_id blob not null,
    client blob not null,
    talent blob not null,
    currency text not null,
    status text not null,
    terms_hash text not null,
    fees text not null,
    windows text not null,
    policy_version integer not null,
    unfunded_until integer not null,
    created_at integer not null
) strict;
create table contract_board_party (
    party blob not null,
    contract_id blob not null,
    primary key (party, contract_id)
) strict, without rowid;
create table contract_board_milestone (
    id blob not null primary key,
    contract_id blob not null,
    number integer not null,
    title text,
    currency text not null,
    amount integer not null,
    status text not null,
    agreed_at integer not null,
    approved_at integer,
    clears_at integer,
    escrow_held integer not null default 0,
    client_fee_held integer not null default 0,
    released_gross integer not null default 0,
    released_talent_fee integer not null default 0,
    released_talent_tax integer not null default 0,
    released_client_fee integer not null default 0,
    released_client_tax integer not null default 0,
    deposit_id blob,
    deposit_status text,
    deposit_amount integer,
    deposit_rail text,
    deposit_expires_at integer,
    deposit_failure text,
    work_id blob,
    work_note text,
    work_submitted_at integer,
    work_review_ends_at integer,
    changes_work_id blob,
    changes_reasons text,
    changes_requested_at integer
) strict;
create unique index contract_board_milestone_of_contract on contract_board_milestone (contract_id, number);
create index contract_board_milestone_of_deposit on contract_board_milestone (deposit_id) where deposit_id is not null;

-- name: drop · called by schema::install · none · nothing of this read model is left
drop table if exists contract_board;
drop table if exists contract_board_party;
drop table if exists contract_board_milestone;

-- name: created · called by contract_board::created · primary key · one new row
insert into contract_board
    (id, job_id, proposal_id, client, talent, currency, status, terms_hash, fees, windows, policy_version,
    unfunded_until, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: joined · called by contract_board::created · primary key · each party has the contract once
insert or ignore into contract_board_party (party, contract_id) values ($1, $2);

-- name: activated · called by contract_board::on_escrow · primary key · at most one row
update contract_board set status = $2 where id = $1;

-- name: agreed · called by contract_board::on_milestone · primary key, contract_board_milestone_of_contract · one new row
insert into contract_board_milestone (id, contract_id, number, title, currency, amount, status, agreed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: work_submitted · called by contract_board::on_milestone · primary key · at most one row
update contract_board_milestone
set status = $2, work_id = $3, work_note = $4, work_submitted_at = $5, work_review_ends_at = $6
where id = $1;

-- name: changes_requested · called by contract_board::on_milestone · primary key · at most one row
update contract_board_milestone
set status = $2, changes_work_id = $3, changes_reasons = $4, changes_requested_at = $5
where id = $1;

-- name: approved · called by contract_board::on_milestone · primary key · at most one row
update contract_board_milestone set approved_at = $2 where id = $1;

-- name: funded · called by contract_board::on_escrow · primary key · at most one row
update contract_board_milestone set status = $2 where id = $1;

-- name: released · called by contract_board::on_escrow · primary key · at most one row; its state only once all is released
update contract_board_milestone
set released_gross = released_gross + $2,
    released_talent_fee = released_talent_fee + $3,
    released_talent_tax = released_talent_tax + $4,
    released_client_fee = released_client_fee + $5,
    released_client_tax = released_client_tax + $6,
    clears_at = $7,
    status = case when released_gross + $2 = amount then $8 else status end
where id = $1;

-- name: post_escrow · called by contract_board::post · primary key · at most one row
update contract_board_milestone set escrow_held = escrow_held + $2 where id = $1;

-- name: post_client_fee · called by contract_board::post · primary key · at most one row
update contract_board_milestone set client_fee_held = client_fee_held + $2 where id = $1;

-- name: deposit_requested · called by contract_board::on_deposit · primary key · at most one row
update contract_board_milestone
set status = $2, deposit_id = $3, deposit_status = $4, deposit_amount = $5, deposit_rail = $6,
    deposit_expires_at = $7, deposit_failure = null
where id = $1;

-- name: deposit_moved · called by contract_board::on_deposit · contract_board_milestone_of_deposit · none if the milestone has a newer deposit
update contract_board_milestone set deposit_status = $2 where deposit_id = $1;

-- name: deposit_ended · called by contract_board::on_deposit · contract_board_milestone_of_deposit · none if the milestone has a newer deposit, or this one has funded it
update contract_board_milestone
set deposit_status = $2, deposit_failure = coalesce($3, deposit_failure),
    status = case status when $4 then $5 else status end
where deposit_id = $1 and deposit_status <> $6;

-- name: contract · called by ReadModels::contract · primary key · at most one row
select id, job_id, proposal_id, client, talent, currency, status, terms_hash, fees, windows, policy_version,
    unfunded_until, created_at
from contract_board where id = $1;

-- name: contracts · called by ReadModels::contracts · primary key · newest first, at most $2 rows
select id, job_id, proposal_id, client, talent, currency, status, terms_hash, fees, windows, policy_version,
    unfunded_until, created_at
from contract_board where id < $1 order by id desc limit $2;

-- name: contracts_of_party · called by ReadModels::contracts · primary keys · newest first, at most $3 rows
select id, job_id, proposal_id, client, talent, currency, status, terms_hash, fees, windows, policy_version,
    unfunded_until, created_at
from contract_board_party cross join contract_board on id = contract_id
where party = $1 and contract_id < $2 order by contract_id desc limit $3;

-- name: milestone · called by ReadModels::milestone · primary key · at most one row
select id, contract_id, number, title, currency, amount, status, agreed_at, approved_at, clears_at,
    escrow_held, client_fee_held,
    released_gross, released_talent_fee, released_talent_tax, released_client_fee, released_client_tax,
    deposit_id, deposit_status, deposit_amount, deposit_rail, deposit_expires_at, deposit_failure,
    work_id, work_note, work_submitted_at, work_review_ends_at,
    changes_work_id, changes_reasons, changes_requested_at
from contract_board_milestone where id = $1;

-- name: milestones_of_contract · called by ReadModels::milestones_by_contracts · contract_board_milestone_of_contract · by number, at most as many as the policy allows
select id, contract_id, number, title, currency, amount, status, agreed_at, approved_at, clears_at,
    escrow_held, client_fee_held,
    released_gross, released_talent_fee, released_talent_tax, released_client_fee, released_client_tax,
    deposit_id, deposit_status, deposit_amount, deposit_rail, deposit_expires_at, deposit_failure,
    work_id, work_note, work_submitted_at, work_review_ends_at,
    changes_work_id, changes_reasons, changes_requested_at
from contract_board_milestone where contract_id = $1 order by number;
