-- Payouts, the accounts that they come from, what needs a person, and what an operator has paused. Ids are 16 bytes and
-- sort by time; amounts are minor units of the row's currency.

-- name: schema · called by schema::install · none · empty tables
create table payout_desk (
    id blob not null primary key,
    party blob not null,
    currency text not null,
    amount integer not null,
    rail text not null,
    destination_hint text not null,
    status text not null,
    review integer not null,
    reserved integer not null,
    waiting_for_cash integer not null default 0,
    attempts integer not null default 0,
    requested_at integer not null,
    changed_at integer not null,
    retry_at integer,
    escalates_at integer,
    failure text,
    rejection text
) strict;
create index payout_desk_of_party on payout_desk (party, id);
create index payout_desk_of_status on payout_desk (status, id);
create index payout_desk_of_party_and_status on payout_desk (party, status, id);
create index payout_desk_to_review on payout_desk (id) where status = 'requested' and review = 1;
create index payout_desk_reserved on payout_desk (party, currency, amount) where reserved = 1;
create table payout_desk_account (
    party blob not null,
    currency text not null,
    available integer not null,
    on_hold integer not null,
    in_transit integer not null,
    refund_in_transit integer not null,
    wallet integer not null,
    primary key (party, currency)
) strict, without rowid;
create table payout_desk_hold (
    party blob not null,
    currency text not null,
    reason text not null,
    placed_at integer not null,
    until integer,
    primary key (party, currency, reason)
) strict, without rowid;
create table payout_desk_attention (
    id text not null,
    payment text not null,
    kind text not null,
    party blob,
    currency text not null,
    amount integer not null,
    since integer not null,
    primary key (id, payment)
) strict, without rowid;
create index payout_desk_attention_by_age on payout_desk_attention (since, id, payment);
create table payout_desk_refund (
    id blob not null primary key,
    party blob not null,
    currency text not null,
    amount integer not null
) strict;
create table payout_desk_dispute (
    id blob not null primary key,
    currency text not null,
    amount integer not null
) strict;
create table payout_desk_pause (
    kind text not null,
    what text not null,
    since integer not null,
    reason text not null,
    primary key (kind, what)
) strict, without rowid;

-- name: drop · called by schema::install · none · nothing of this read model is left
drop table if exists payout_desk;
drop table if exists payout_desk_account;
drop table if exists payout_desk_hold;
drop table if exists payout_desk_attention;
drop table if exists payout_desk_refund;
drop table if exists payout_desk_dispute;
drop table if exists payout_desk_pause;

-- name: requested · called by payout_desk::requested · primary key · one new row
insert into payout_desk
    (id, party, currency, amount, rail, destination_hint, status, review, reserved, requested_at, changed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9);

-- name: moved · called by payout_desk::move_on · primary key · at most one row
update payout_desk
set status = $2, reserved = $3, waiting_for_cash = $4, changed_at = $5, retry_at = $6, escalates_at = $7,
    attempts = coalesce($8, attempts), failure = coalesce($9, failure), rejection = coalesce($10, rejection)
where id = $1;

-- name: post · called by account::post · primary key · one row is added or changes
insert into payout_desk_account (party, currency, available, on_hold, in_transit, refund_in_transit, wallet)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (party, currency) do update
set available = available + excluded.available, on_hold = on_hold + excluded.on_hold,
    in_transit = in_transit + excluded.in_transit,
    refund_in_transit = refund_in_transit + excluded.refund_in_transit, wallet = wallet + excluded.wallet;

-- name: hold_placed · called by account::apply · primary key · one new row
insert into payout_desk_hold (party, currency, reason, placed_at, until) values ($1, $2, $3, $4, $5);

-- name: hold_released · called by account::apply · primary key · at most one row less
delete from payout_desk_hold where party = $1 and currency = $2 and reason = $3;

-- name: payout_attention · called by payout_desk::attend · primary keys · one new row, none if there is no such payout
insert into payout_desk_attention (id, payment, kind, party, currency, amount, since)
select $2, '', $3, party, currency, amount, $4 from payout_desk where id = $1;

-- name: review_attention · called by payout_desk::attend · primary keys · one new row, none if the payout needs no review
insert into payout_desk_attention (id, payment, kind, party, currency, amount, since)
select $2, '', $3, party, currency, amount, $4 from payout_desk where id = $1 and review = 1;

-- name: held_attention · called by payout_desk::attend, account::attend_held · primary keys · one new row, none if every hold lapses by itself or there is one
insert into payout_desk_attention (id, payment, kind, party, currency, amount, since)
select $2, '', $3, party, currency, amount, $4 from payout_desk
where id = $1 and exists (
    select 1 from payout_desk_hold
    where payout_desk_hold.party = payout_desk.party and payout_desk_hold.currency = payout_desk.currency
        and until is null)
on conflict (id, payment) do nothing;

-- name: lapsing_attended · called by account::attend_held · primary keys · at most one row less, none while a hold stands that does not lapse by itself
delete from payout_desk_attention
where id = $1 and payment = '' and not exists (
    select 1 from payout_desk_hold where party = $2 and currency = $3 and until is null);

-- name: refund_requested · called by attention::on_refund · primary key · one new row
insert into payout_desk_refund (id, party, currency, amount) values ($1, $2, $3, $4);

-- name: refund_over · called by attention::on_refund · primary key · at most one row less
delete from payout_desk_refund where id = $1;

-- name: refund_attention · called by attention::on_refund · primary keys · one new row, none if there is no such refund under way
insert into payout_desk_attention (id, payment, kind, party, currency, amount, since)
select $2, '', $3, party, currency, amount, $4 from payout_desk_refund where id = $1;

-- name: deposit_attention · called by attention::on_deposit · primary key · one new row
insert into payout_desk_attention (id, payment, kind, currency, amount, since) values ($1, $2, $3, $4, $5, $6);

-- name: dispute_opened · called by dispute::apply · primary key · one new row
insert into payout_desk_dispute (id, currency, amount) values ($1, $2, $3);

-- name: dispute_attention · called by dispute::apply · primary keys · one new row, none if there is no such dispute
insert into payout_desk_attention (id, payment, kind, currency, amount, since)
select $2, '', $3, currency, amount, $4 from payout_desk_dispute where id = $1;

-- name: dispute_over · called by dispute::apply · primary key · at most one row less
delete from payout_desk_dispute where id = $1;

-- name: attended · called by payout_desk::attend, attention::on_refund, attention::on_deposit, dispute::attended · primary key · at most one row less
delete from payout_desk_attention where id = $1 and payment = $2;

-- name: paused · called by pause::apply · primary key · one new row
insert into payout_desk_pause (kind, what, since, reason) values ($1, $2, $3, $4);

-- name: resumed · called by pause::apply · primary key · at most one row less
delete from payout_desk_pause where kind = $1 and what = $2;

-- name: payout · called by ReadModels::payout · primary key · at most one row
select id, party, currency, amount, rail, destination_hint, status, review, waiting_for_cash, attempts, requested_at,
    changed_at, retry_at, escalates_at, failure, rejection
from payout_desk where id = $1;

-- name: payouts · called by ReadModels::payouts · primary key · newest first, at most $2 rows
select id, party, currency, amount, rail, destination_hint, status, review, waiting_for_cash, attempts, requested_at,
    changed_at, retry_at, escalates_at, failure, rejection
from payout_desk where id < $1 order by id desc limit $2;

-- name: payouts_of_party · called by ReadModels::payouts · payout_desk_of_party · newest first, at most $3 rows
select id, party, currency, amount, rail, destination_hint, status, review, waiting_for_cash, attempts, requested_at,
    changed_at, retry_at, escalates_at, failure, rejection
from payout_desk where party = $1 and id < $2 order by id desc limit $3;

-- name: payouts_of_status · called by ReadModels::payouts · payout_desk_of_status · newest first, at most $3 rows
select id, party, currency, amount, rail, destination_hint, status, review, waiting_for_cash, attempts, requested_at,
    changed_at, retry_at, escalates_at, failure, rejection
from payout_desk where status = $1 and id < $2 order by id desc limit $3;

-- name: payouts_of_party_and_status · called by ReadModels::payouts · payout_desk_of_party_and_status · newest first, at most $4 rows
select id, party, currency, amount, rail, destination_hint, status, review, waiting_for_cash, attempts, requested_at,
    changed_at, retry_at, escalates_at, failure, rejection
from payout_desk where party = $1 and status = $2 and id < $3 order by id desc limit $4;

-- name: payouts_to_review · called by ReadModels::payouts · payout_desk_to_review · newest first, at most $2 rows
select id, party, currency, amount, rail, destination_hint, status, review, waiting_for_cash, attempts, requested_at,
    changed_at, retry_at, escalates_at, failure, rejection
from payout_desk indexed by payout_desk_to_review
where status = 'requested' and review = 1 and id < $1 order by id desc limit $2;

-- name: payouts_of_party_to_review · called by ReadModels::payouts · payout_desk_of_party_and_status, passing by the few that need no review · newest first, at most $3 rows
select id, party, currency, amount, rail, destination_hint, status, review, waiting_for_cash, attempts, requested_at,
    changed_at, retry_at, escalates_at, failure, rejection
from payout_desk
where party = $1 and status = 'requested' and review = 1 and id < $2 order by id desc limit $3;

-- name: account · called by ReadModels::account · primary key, payout_desk_reserved · at most one row
select party, currency, available, on_hold, in_transit, refund_in_transit, wallet,
    (select coalesce(sum(amount), 0) from payout_desk
    where payout_desk.party = payout_desk_account.party and payout_desk.currency = payout_desk_account.currency
        and reserved = 1)
from payout_desk_account where party = $1 and currency = $2;

-- name: accounts · called by ReadModels::accounts · primary key, payout_desk_reserved · by currency, a row for each that the party has
select party, currency, available, on_hold, in_transit, refund_in_transit, wallet,
    (select coalesce(sum(amount), 0) from payout_desk
    where payout_desk.party = payout_desk_account.party and payout_desk.currency = payout_desk_account.currency
        and reserved = 1)
from payout_desk_account where party = $1 order by currency;

-- name: holds · called by ReadModels::account, ReadModels::accounts · primary key · by reason, a row for each that stands
select reason, placed_at, until from payout_desk_hold where party = $1 and currency = $2 order by reason;

-- name: held · called by account::attend_held · payout_desk_of_party_and_status, passing by those in other currencies · by id, a row for each payout of the account that is held
select id from payout_desk where party = $1 and status = 'held' and currency = $2 order by id;

-- name: attention · called by ReadModels::attention · payout_desk_attention_by_age, passing by what waits and is younger than asked for · oldest first, at most $7 rows
select kind, id, payment, party, currency, amount, since from payout_desk_attention
where (since, id, payment) > ($1, $2, $3) and (kind not in ($4, $5) or since <= $6)
order by since, id, payment limit $7;

-- name: pauses · called by ReadModels::pauses · primary key · a row for each process and rail that is paused
select kind, what, since, reason from payout_desk_pause order by kind, what;
