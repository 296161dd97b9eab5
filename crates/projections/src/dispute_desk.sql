-- Disputes: where each stands, and what both sides and the house have said. Ids are 16 bytes and sort by time; amounts
-- are minor units of the dispute's currency; what was recommended, decided and so on is the JSON of its event.

-- name: schema · called by schema::install · none · empty tables
create table dispute_desk (
    id blob not null primary key,
    contract_id blob not null,
    milestone_id blob not null,
    opener blob not null,
    respondent blob not null,
    opened_by text not null,
    currency text not null,
    disputed integer not null,
    claim integer not null,
    reason text,
    answer text,
    status text not null,
    opened_at integer not null,
    due_at integer,
    deadlines_missed integer not null default 0,
    escalates_from integer,
    sealed_at integer,
    recommendation text,
    accepted_by text,
    fee integer,
    client_paid integer not null default 0,
    talent_paid integer not null default 0,
    decision text,
    appeal text,
    final text,
    settlement text,
    withdrawal_by text,
    client_share integer,
    prior_status text,
    suspended_at integer,
    closed_at integer
) strict;
create index dispute_desk_of_status on dispute_desk (status, id);
create table dispute_desk_party (
    party blob not null,
    dispute_id blob not null,
    primary key (party, dispute_id)
) strict, without rowid;
create table dispute_desk_evidence (
    dispute_id blob not null,
    number integer not null,
    author text not null,
    body text,
    attachment text,
    content_hash text not null,
    submitted_at integer not null,
    primary key (dispute_id, number)
) strict, without rowid;
create table dispute_desk_question (
    dispute_id blob not null,
    number integer not null,
    mediator blob not null,
    question text,
    asked_at integer not null,
    primary key (dispute_id, number)
) strict, without rowid;
create table dispute_desk_offer (
    dispute_id blob not null,
    number integer not null,
    author text not null,
    currency text not null,
    client_share integer not null,
    talent_share integer not null,
    made_at integer not null,
    primary key (dispute_id, number)
) strict, without rowid;

-- name: drop · called by schema::install · none · nothing of this read model is left
drop table if exists dispute_desk;
drop table if exists dispute_desk_party;
drop table if exists dispute_desk_evidence;
drop table if exists dispute_desk_question;
drop table if exists dispute_desk_offer;

-- name: opened · called by dispute_desk::opened · primary key · one new row
insert into dispute_desk
    (id, contract_id, milestone_id, opener, respondent, opened_by, currency, disputed, claim, reason, answer, status,
    opened_at, due_at, escalates_from)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: joined · called by dispute_desk::opened · primary key · each party has the dispute once
insert or ignore into dispute_desk_party (party, dispute_id) values ($1, $2);

-- name: moved · called by dispute_desk::moved · primary key · at most one row, with the deadline of where it stands now
update dispute_desk set status = $2, due_at = $3, deadlines_missed = 0 where id = $1;

-- name: responded · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set answer = $2, escalates_from = $3 where id = $1;

-- name: sealed · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set sealed_at = $2 where id = $1;

-- name: recommended · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set recommendation = $2 where id = $1;

-- name: accepted · called by dispute_desk::apply · primary key · at most one row; it remembers who was first
update dispute_desk set accepted_by = coalesce(accepted_by, $2) where id = $1;

-- name: arbitration_offered · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set fee = $2 where id = $1;

-- name: fee_paid · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set client_paid = client_paid + $2, talent_paid = talent_paid + $3 where id = $1;

-- name: fees_settled · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set client_paid = 0, talent_paid = 0 where id = $1;

-- name: deadline_missed · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set due_at = $2, deadlines_missed = deadlines_missed + 1 where id = $1;

-- name: settled · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set settlement = $2, client_share = $3 where id = $1;

-- name: decided · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set decision = $2, client_share = $3 where id = $1;

-- name: appealed · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set appeal = $2 where id = $1;

-- name: finalized · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set final = $2, client_share = $3 where id = $1;

-- name: withdrawal_proposed · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set withdrawal_by = $2 where id = $1;

-- name: closed · called by dispute_desk::closed · primary key · at most one row
update dispute_desk set status = $2, due_at = null, closed_at = $3 where id = $1;

-- name: suspended · called by dispute_desk::apply · primary key · at most one row
update dispute_desk set prior_status = status, status = $2, suspended_at = $3 where id = $1;

-- name: resumed · called by dispute_desk::apply · primary key · at most one row, whose instants are as much later as it rested
update dispute_desk
set status = prior_status, due_at = due_at + $2 - suspended_at, escalates_from = escalates_from + $2 - suspended_at,
    prior_status = null, suspended_at = null
where id = $1 and prior_status is not null;

-- name: evidence_submitted · called by words::evidence · primary key · one new row
insert into dispute_desk_evidence (dispute_id, number, author, body, attachment, content_hash, submitted_at)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: question_asked · called by words::question · primary key · one new row
insert into dispute_desk_question (dispute_id, number, mediator, question, asked_at) values ($1, $2, $3, $4, $5);

-- name: offer_made · called by words::offer · primary key · one new row
insert into dispute_desk_offer (dispute_id, number, author, currency, client_share, talent_share, made_at)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: dispute · called by ReadModels::dispute · primary key · at most one row
select id, contract_id, milestone_id, opener, respondent, opened_by, currency, disputed, currency, claim, reason,
    answer, status, opened_at, due_at, deadlines_missed, escalates_from, sealed_at, recommendation, accepted_by, fee,
    client_paid, talent_paid, decision, appeal, final, settlement, withdrawal_by, client_share, closed_at
from dispute_desk where id = $1;

-- name: disputes · called by ReadModels::disputes · primary key · newest first, at most $2 rows
select id, contract_id, milestone_id, opener, respondent, opened_by, currency, disputed, currency, claim, reason,
    answer, status, opened_at, due_at, deadlines_missed, escalates_from, sealed_at, recommendation, accepted_by, fee,
    client_paid, talent_paid, decision, appeal, final, settlement, withdrawal_by, client_share, closed_at
from dispute_desk where id < $1 order by id desc limit $2;

-- name: disputes_of_status · called by ReadModels::disputes · dispute_desk_of_status · newest first, at most $3 rows
select id, contract_id, milestone_id, opener, respondent, opened_by, currency, disputed, currency, claim, reason,
    answer, status, opened_at, due_at, deadlines_missed, escalates_from, sealed_at, recommendation, accepted_by, fee,
    client_paid, talent_paid, decision, appeal, final, settlement, withdrawal_by, client_share, closed_at
from dispute_desk where status = $1 and id < $2 order by id desc limit $3;

-- name: disputes_of_party · called by ReadModels::disputes · primary keys · newest first, at most $3 rows
select id, contract_id, milestone_id, opener, respondent, opened_by, currency, disputed, currency, claim, reason,
    answer, status, opened_at, due_at, deadlines_missed, escalates_from, sealed_at, recommendation, accepted_by, fee,
    client_paid, talent_paid, decision, appeal, final, settlement, withdrawal_by, client_share, closed_at
from dispute_desk_party cross join dispute_desk on id = dispute_id
where party = $1 and dispute_id < $2 order by dispute_id desc limit $3;

-- name: evidence_of_dispute · called by ReadModels::evidence_by_disputes · primary key · by number, at most $2 rows
select dispute_id, number, author, body, attachment, content_hash, submitted_at
from dispute_desk_evidence where dispute_id = $1 order by number limit $2;

-- name: questions_of_dispute · called by ReadModels::questions_by_disputes · primary key · by number, at most $2 rows
select dispute_id, number, mediator, question, asked_at
from dispute_desk_question where dispute_id = $1 order by number limit $2;

-- name: offers_of_dispute · called by ReadModels::offers_by_disputes · primary key · newest first, at most $2 rows
select dispute_id, number, author, currency, client_share, currency, talent_share, made_at
from dispute_desk_offer where dispute_id = $1 order by number desc limit $2;
