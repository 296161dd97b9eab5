-- Contracts with their milestones, and what moved their money. Ids are 16 bytes and sort by time; amounts are minor
-- units of the row's currency.

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
    created_at integer not null,
    end_requester text,
    end_requested_at integer,
    end_answer_by integer,
    end_agreed_at integer,
    ended_at integer,
    paused_by_client_at integer,
    paused_by_support_at integer,
    amendment_number integer,
    amendment_proposer text,
    amendment_changes text,
    amendment_proposed_at integer,
    reopen_proposer text,
    termination_begun_at integer,
    termination_reason text
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
    prior_status text,
    agreed_at integer not null,
    approved_at integer,
    clears_at integer,
    escrow_held integer not null default 0,
    client_fee_held integer not null default 0,
    escrow_frozen integer not null default 0,
    released_gross integer not null default 0,
    released_talent_fee integer not null default 0,
    released_talent_tax integer not null default 0,
    released_client_fee integer not null default 0,
    released_client_tax integer not null default 0,
    deposit_id blob,
    work_id blob,
    work_note text,
    work_submitted_at integer,
    work_review_ends_at integer,
    changes_work_id blob,
    changes_reasons text,
    changes_requested_at integer,
    refund_requested_at integer,
    refund_answer_by integer,
    refund_reasons text,
    dispute_id blob,
    disputed_at integer,
    disputed_status text,
    bonus integer not null default 0,
    rounds integer not null default 0,
    granted integer not null default 0,
    proposer text,
    drop_proposer text,
    moves_to blob,
    moves_amount integer,
    frozen_at integer
) strict;
create unique index contract_board_milestone_of_contract on contract_board_milestone (contract_id, number);
create table contract_board_deposit (
    id blob not null primary key,
    milestone_id blob not null,
    status text not null,
    currency text not null,
    amount integer not null,
    rail text not null,
    requested_at integer not null,
    expires_at integer not null,
    failure text
) strict;
create index contract_board_deposit_of_milestone on contract_board_deposit (milestone_id, id);
create table contract_board_unmatched (
    deposit_id blob not null,
    payment text not null,
    currency text not null,
    amount integer not null,
    received_at integer not null,
    refund_id blob,
    primary key (deposit_id, payment)
) strict, without rowid;
create table contract_board_refund (
    id blob not null primary key,
    deposit_id blob not null,
    milestone_id blob not null,
    client blob not null,
    currency text not null,
    amount integer not null,
    status text not null,
    requested_at integer not null,
    failure text,
    escalates_at integer
) strict;
create index contract_board_refund_of_milestone on contract_board_refund (milestone_id, id);
create table contract_board_lot (
    id blob not null primary key,
    milestone_id blob not null,
    currency text not null,
    amount integer not null,
    clears_at integer not null,
    cleared_at integer,
    frozen_at integer,
    disputed integer not null default 0,
    taken_at integer
) strict;
create index contract_board_lot_of_milestone on contract_board_lot (milestone_id, id);

-- name: drop · called by schema::install · none · nothing of this read model is left
drop table if exists contract_board;
drop table if exists contract_board_party;
drop table if exists contract_board_milestone;
drop table if exists contract_board_deposit;
drop table if exists contract_board_unmatched;
drop table if exists contract_board_refund;
drop table if exists contract_board_lot;
drop table if exists contract_board_dispute;
drop table if exists contract_board_dispute_party;

-- name: created · called by contract_board::created · primary key · one new row
insert into contract_board
    (id, job_id, proposal_id, client, talent, currency, status, terms_hash, fees, windows, policy_version,
    unfunded_until, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: joined · called by contract_board::created · primary key · each party has the contract once
insert or ignore into contract_board_party (party, contract_id) values ($1, $2);

-- name: activated · called by money::on_escrow · primary key · at most one row; its state only if it was $2
update contract_board set status = case status when $2 then $3 else status end where id = $1;

-- name: contract_over · called by contract_board::on_contract · primary key · at most one row
update contract_board set status = $2 where id = $1;

-- name: end_requested · called by contract_board::on_contract · primary key · at most one row
update contract_board
set status = $2, end_requester = $3, end_requested_at = $4, end_answer_by = $5
where id = $1;

-- name: end_withdrawn · called by contract_board::on_contract · primary key · at most one row; $2 unless it is paused
update contract_board
set status = case when coalesce(paused_by_client_at, paused_by_support_at) is null then $2 else $3 end,
    end_requester = null, end_requested_at = null, end_answer_by = null
where id = $1;

-- name: end_agreed · called by contract_board::on_contract · primary key · at most one row; no amendment is open any more
update contract_board
set end_agreed_at = $2, amendment_number = null, amendment_proposer = null, amendment_changes = null,
    amendment_proposed_at = null
where id = $1;

-- name: ended · called by contract_board::on_contract · primary key · at most one row; one that was $4 is $5 and no other
update contract_board set status = case status when $4 then $5 else $3 end, ended_at = $2 where id = $1;

-- name: amendment_proposed · called by terms::on_contract · primary key · at most one row
update contract_board
set amendment_number = $2, amendment_proposer = $3, amendment_changes = $4, amendment_proposed_at = $5
where id = $1;

-- name: amendment_answered · called by terms::on_contract · primary key · at most one row
update contract_board
set amendment_number = null, amendment_proposer = null, amendment_changes = null, amendment_proposed_at = null
where id = $1;

-- name: paused · called by terms::on_contract · primary key · at most one row
update contract_board
set status = $2, paused_by_client_at = coalesce($3, paused_by_client_at),
    paused_by_support_at = coalesce($4, paused_by_support_at)
where id = $1;

-- name: resumed_by_client · called by terms::on_contract · primary key · at most one row; $2 when no reason is left
update contract_board
set paused_by_client_at = null, status = case when paused_by_support_at is null then $2 else status end
where id = $1;

-- name: resumed_by_support · called by terms::on_contract · primary key · at most one row; $2 when no reason is left
update contract_board
set paused_by_support_at = null, status = case when paused_by_client_at is null then $2 else status end
where id = $1;

-- name: termination_begun · called by terms::on_contract · primary key · at most one row; no amendment is open any more
update contract_board
set status = $2, termination_begun_at = $3, termination_reason = $4, amendment_number = null,
    amendment_proposer = null, amendment_changes = null, amendment_proposed_at = null
where id = $1;

-- name: reopen_proposed · called by terms::on_contract · primary key · at most one row
update contract_board set reopen_proposer = $2 where id = $1;

-- name: reopened · called by terms::on_contract · primary key · at most one row; $2 unless it is paused
update contract_board
set status = case when coalesce(paused_by_client_at, paused_by_support_at) is null then $2 else $3 end,
    reopen_proposer = null, end_requester = null, end_requested_at = null, end_answer_by = null,
    end_agreed_at = null, ended_at = null
where id = $1;

-- name: agreed · called by contract_board::on_milestone · primary key, contract_board_milestone_of_contract · one new row
insert into contract_board_milestone (id, contract_id, number, title, currency, amount, status, agreed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: work_submitted · called by contract_board::on_milestone · primary key · at most one row
update contract_board_milestone
set status = $2, work_id = $3, work_note = $4, work_submitted_at = $5, work_review_ends_at = $6
where id = $1;

-- name: changes_requested · called by contract_board::on_milestone · primary key · at most one row
update contract_board_milestone
set status = $2, changes_work_id = $3, changes_reasons = $4, changes_requested_at = $5, rounds = rounds + 1
where id = $1;

-- name: approved · called by contract_board::on_milestone · primary key · at most one row; $3 while its money is frozen
update contract_board_milestone
set approved_at = $2, status = case when frozen_at is null then status else $3 end
where id = $1;

-- name: proposed · called by terms::on_price · primary key, contract_board_milestone_of_contract · one new row
insert into contract_board_milestone
    (id, contract_id, number, title, currency, amount, status, agreed_at, proposer, bonus)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: proposal_agreed · called by terms::on_price · primary key · at most one row
update contract_board_milestone set status = $2, agreed_at = $3, proposer = null where id = $1;

-- name: drop_proposed · called by terms::on_price · primary key · at most one row
update contract_board_milestone set drop_proposer = $2 where id = $1;

-- name: revised · called by terms::on_price · primary key · at most one row; a title only where $2
update contract_board_milestone
set title = case when $2 then $3 else title end, amount = coalesce($4, amount)
where id = $1;

-- name: move_proposed · called by terms::on_funds · primary key · at most one row
update contract_board_milestone set moves_to = $2, moves_amount = $3 where id = $1;

-- name: moved_from · called by terms::moved_funds · primary key · at most one row; with nothing left it is $3 if some of it was released, else $4 with its price
update contract_board_milestone
set status = case when escrow_held > $2 then status when released_gross > 0 then $3 else $4 end,
    amount = case when escrow_held <= $2 and released_gross = 0 then amount else amount - $2 end,
    moves_to = null, moves_amount = null
where id = $1;

-- name: moved_to · called by terms::moved_funds · primary key · at most one row
update contract_board_milestone set status = $2, deposit_id = $3, drop_proposer = null where id = $1;

-- name: funds_frozen · called by terms::on_funds · primary key · at most one row
update contract_board_milestone set frozen_at = $2 where id = $1;

-- name: funds_unfrozen · called by terms::on_funds · primary key · at most one row; the window of $3 or $4 ends at $2
update contract_board_milestone
set frozen_at = null,
    work_review_ends_at = case status when $3 then coalesce($2, work_review_ends_at) else work_review_ends_at end,
    refund_answer_by = case status when $4 then coalesce($2, refund_answer_by) else refund_answer_by end
where id = $1;

-- name: granted · called by money::on_escrow · primary key · at most one row
update contract_board_milestone set granted = granted + $2 where id = $1;

-- name: lot_frozen · called by terms::on_funds · primary key · at most one row
update contract_board_lot set frozen_at = $2, clears_at = coalesce($3, clears_at) where id = $1;

-- name: milestone_moved · called by contract_board::on_milestone, money::on_escrow · primary key · at most one row
update contract_board_milestone set status = $2, prior_status = null, proposer = null where id = $1;

-- name: refund_asked · called by contract_board::on_milestone · primary key · at most one row; it remembers whether it was $6, else $7
update contract_board_milestone
set status = $2, refund_requested_at = $3, refund_answer_by = $4, refund_reasons = $5,
    prior_status = case status when $6 then $6 else $7 end
where id = $1;

-- name: frozen · called by money::frozen · primary key · at most one row; it remembers how it stood, or where not $5 what the refund request had interrupted
update contract_board_milestone
set status = $2, dispute_id = $3, disputed_at = $4, moves_to = null, moves_amount = null,
    disputed_status = case when $5 then status else coalesce(prior_status, status) end
where id = $1;

-- name: lot_disputed · called by money::frozen · primary key · at most one row
update contract_board_lot set disputed = 1 where id = $1;

-- name: lots_thawed · called by money::unfrozen · contract_board_lot_of_milestone · those that were disputed, which clear as much later as they were
update contract_board_lot
set disputed = 0,
    clears_at = clears_at + $2 - (select disputed_at from contract_board_milestone where id = $1)
where milestone_id = $1 and disputed = 1;

-- name: thawed · called by money::unfrozen · primary key · at most one row, as it was before the dispute; the window of $3 or $4 ends as much later
update contract_board_milestone
set status = disputed_status, dispute_id = null, disputed_at = null, disputed_status = null,
    prior_status = case disputed_status when $4 then prior_status end,
    work_review_ends_at = work_review_ends_at + case disputed_status when $3 then $2 - disputed_at else 0 end,
    refund_requested_at = case disputed_status when $4 then refund_requested_at end,
    refund_answer_by = case disputed_status when $4 then refund_answer_by + $2 - disputed_at end,
    refund_reasons = case disputed_status when $4 then refund_reasons end
where id = $1;

-- name: lots_taken · called by money::awarded · contract_board_lot_of_milestone · those that were disputed
update contract_board_lot set disputed = 0, taken_at = $2 where milestone_id = $1 and disputed = 1;

-- name: awarded · called by money::awarded · primary key · at most one row
update contract_board_milestone
set status = $2, disputed_at = null, disputed_status = null,
    released_gross = released_gross + $3,
    released_talent_fee = released_talent_fee + $4,
    released_talent_tax = released_talent_tax + $5,
    released_client_fee = released_client_fee + $6,
    released_client_tax = released_client_tax + $7,
    clears_at = coalesce($8, clears_at)
where id = $1;

-- name: resumed · called by contract_board::on_milestone · primary key · at most one row, as it was before it was interrupted
update contract_board_milestone
set status = coalesce(prior_status, status), prior_status = null, refund_requested_at = null,
    refund_answer_by = null, refund_reasons = null
where id = $1;

-- name: released · called by money::released · primary key · at most one row; $8 once all is released, else $9
update contract_board_milestone
set released_gross = released_gross + $2,
    released_talent_fee = released_talent_fee + $3,
    released_talent_tax = released_talent_tax + $4,
    released_client_fee = released_client_fee + $5,
    released_client_tax = released_client_tax + $6,
    clears_at = $7,
    status = case when released_gross + $2 = amount then $8 else $9 end
where id = $1;

-- name: lot_made · called by money::released · primary keys · one new row, none if there is no such milestone
insert into contract_board_lot (id, milestone_id, currency, amount, clears_at)
select $1, id, currency, $3, $4 from contract_board_milestone where id = $2;

-- name: lot_cleared · called by money::on_escrow · primary key · at most one row
update contract_board_lot set cleared_at = $2 where id = $1;

-- name: post_escrow · called by money::post · primary key · at most one row
update contract_board_milestone set escrow_held = escrow_held + $2 where id = $1;

-- name: post_client_fee · called by money::post · primary key · at most one row
update contract_board_milestone set client_fee_held = client_fee_held + $2 where id = $1;

-- name: post_frozen · called by money::post · primary key · at most one row
update contract_board_milestone set escrow_frozen = escrow_frozen + $2 where id = $1;

-- name: deposit_requested · called by money::deposit_requested · primary key · one new row
insert into contract_board_deposit (id, milestone_id, status, currency, amount, rail, requested_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: funding · called by money::deposit_requested · primary key · at most one row
update contract_board_milestone set status = $2, deposit_id = $3 where id = $1;

-- name: deposit_moved · called by money::on_deposit · primary key · at most one row
update contract_board_deposit set status = $2 where id = $1;

-- name: deposit_ended · called by money::deposit_ended · primary key · at most one row; one that is $4 stays so
update contract_board_deposit
set status = case status when $4 then $4 else $2 end, failure = coalesce($3, failure)
where id = $1;

-- name: fundable_anew · called by money::deposit_ended · primary key · none if the milestone waits for another deposit, or for none; a bonus is $5
update contract_board_milestone set status = case bonus when 0 then $4 else $5 end where id = $1 and deposit_id = $2 and status = $3;

-- name: unmatched · called by money::on_deposit · primary key · one new row
insert into contract_board_unmatched (deposit_id, payment, currency, amount, received_at)
values ($1, $2, $3, $4, $5);

-- name: unmatched_refunded · called by money::on_deposit · primary key · at most one row
update contract_board_unmatched set refund_id = $3 where deposit_id = $1 and payment = $2;

-- name: refund_requested · called by money::on_refund · primary keys · one new row, none if there is no such deposit
insert into contract_board_refund
    (id, deposit_id, milestone_id, client, currency, amount, status, requested_at)
select $1, id, milestone_id, $3, $4, $5, $6, $7 from contract_board_deposit where id = $2;

-- name: refund_moved · called by money::refund_moved · primary key · at most one row
update contract_board_refund set status = $2, failure = coalesce($3, failure), escalates_at = $4 where id = $1;

-- name: contract · called by ReadModels::contract · primary key · at most one row
select id, job_id, proposal_id, client, talent, currency, status, terms_hash, fees, windows, policy_version,
    unfunded_until, created_at, end_requester, end_requested_at, end_answer_by, end_agreed_at, ended_at,
    paused_by_client_at, paused_by_support_at, amendment_number, amendment_proposer, amendment_changes,
    amendment_proposed_at, reopen_proposer, termination_begun_at, termination_reason
from contract_board where id = $1;

-- name: contracts · called by ReadModels::contracts · primary key · newest first, at most $2 rows
select id, job_id, proposal_id, client, talent, currency, status, terms_hash, fees, windows, policy_version,
    unfunded_until, created_at, end_requester, end_requested_at, end_answer_by, end_agreed_at, ended_at,
    paused_by_client_at, paused_by_support_at, amendment_number, amendment_proposer, amendment_changes,
    amendment_proposed_at, reopen_proposer, termination_begun_at, termination_reason
from contract_board where id < $1 order by id desc limit $2;

-- name: contracts_of_party · called by ReadModels::contracts · primary keys · newest first, at most $3 rows
select id, job_id, proposal_id, client, talent, currency, status, terms_hash, fees, windows, policy_version,
    unfunded_until, created_at, end_requester, end_requested_at, end_answer_by, end_agreed_at, ended_at,
    paused_by_client_at, paused_by_support_at, amendment_number, amendment_proposer, amendment_changes,
    amendment_proposed_at, reopen_proposer, termination_begun_at, termination_reason
from contract_board_party cross join contract_board on id = contract_id
where party = $1 and contract_id < $2 order by contract_id desc limit $3;

-- name: milestone · called by ReadModels::milestone · primary keys · at most one row
select m.id, m.contract_id, m.number, m.title, m.currency, m.amount, m.status, m.agreed_at, m.approved_at, m.clears_at,
    m.escrow_held, m.client_fee_held, m.escrow_frozen,
    m.released_gross, m.released_talent_fee, m.released_talent_tax, m.released_client_fee, m.released_client_tax,
    m.work_id, m.work_note, m.work_submitted_at, m.work_review_ends_at,
    m.changes_work_id, m.changes_reasons, m.changes_requested_at,
    m.refund_requested_at, m.refund_answer_by, m.refund_reasons, m.dispute_id,
    m.bonus, m.rounds, m.granted, m.proposer, m.drop_proposer, m.moves_to, m.moves_amount, m.frozen_at,
    d.id, d.milestone_id, d.status, d.currency, d.amount, d.rail, d.requested_at, d.expires_at, d.failure
from contract_board_milestone m left join contract_board_deposit d on d.id = m.deposit_id
where m.id = $1;

-- name: milestones_of_contract · called by ReadModels::milestones_by_contracts · contract_board_milestone_of_contract, primary key · by number, at most as many as the policy allows
select m.id, m.contract_id, m.number, m.title, m.currency, m.amount, m.status, m.agreed_at, m.approved_at, m.clears_at,
    m.escrow_held, m.client_fee_held, m.escrow_frozen,
    m.released_gross, m.released_talent_fee, m.released_talent_tax, m.released_client_fee, m.released_client_tax,
    m.work_id, m.work_note, m.work_submitted_at, m.work_review_ends_at,
    m.changes_work_id, m.changes_reasons, m.changes_requested_at,
    m.refund_requested_at, m.refund_answer_by, m.refund_reasons, m.dispute_id,
    m.bonus, m.rounds, m.granted, m.proposer, m.drop_proposer, m.moves_to, m.moves_amount, m.frozen_at,
    d.id, d.milestone_id, d.status, d.currency, d.amount, d.rail, d.requested_at, d.expires_at, d.failure
from contract_board_milestone m left join contract_board_deposit d on d.id = m.deposit_id
where m.contract_id = $1 order by m.number;

-- name: deposit · called by ReadModels::deposit · primary key · at most one row
select id, milestone_id, status, currency, amount, rail, requested_at, expires_at, failure
from contract_board_deposit where id = $1;

-- name: deposits_of_milestone · called by ReadModels::deposits_by_milestones · contract_board_deposit_of_milestone · newest first, at most $2 rows
select id, milestone_id, status, currency, amount, rail, requested_at, expires_at, failure
from contract_board_deposit where milestone_id = $1 order by id desc limit $2;

-- name: unmatched_of_deposit · called by ReadModels::unmatched_by_deposits · primary key · by payment, at most $2 rows
select deposit_id, payment, currency, amount, received_at, refund_id
from contract_board_unmatched where deposit_id = $1 order by payment limit $2;

-- name: refund · called by ReadModels::refund · primary key · at most one row
select id, deposit_id, milestone_id, client, currency, amount, status, requested_at, failure, escalates_at
from contract_board_refund where id = $1;

-- name: refunds_of_milestone · called by ReadModels::refunds_by_milestones · contract_board_refund_of_milestone · newest first, at most $2 rows
select id, deposit_id, milestone_id, client, currency, amount, status, requested_at, failure, escalates_at
from contract_board_refund where milestone_id = $1 order by id desc limit $2;

-- name: lots_of_milestone · called by ReadModels::lots_by_milestones · contract_board_lot_of_milestone · newest first, at most $2 rows
select id, milestone_id, currency, amount, clears_at, cleared_at, frozen_at, disputed, taken_at
from contract_board_lot where milestone_id = $1 order by id desc limit $2;
