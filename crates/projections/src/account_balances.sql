-- What every account of the books was debited and credited, in minor units. Parties and contracts are 16 bytes.

-- name: schema · called by schema::install · none · empty tables
create table account_balances (
    account text not null,
    currency text not null,
    party blob,
    contract_id blob,
    debits integer not null,
    credits integer not null,
    primary key (account, currency)
) strict, without rowid;
create index account_balances_of_party on account_balances (party, account, currency) where party is not null;
create index account_balances_of_contract on account_balances (contract_id, account, currency)
where contract_id is not null;
create table account_balances_total (
    code text not null,
    currency text not null,
    debits integer not null,
    credits integer not null,
    primary key (code, currency)
) strict, without rowid;

-- name: drop · called by schema::install · none · nothing of this read model is left
drop table if exists account_balances;
drop table if exists account_balances_total;

-- name: post · called by account_balances::apply · primary key · one row is added or grows
insert into account_balances (account, currency, party, contract_id, debits, credits)
values ($1, $2, $3, $4, $5, $6)
on conflict (account, currency) do update
set debits = debits + excluded.debits, credits = credits + excluded.credits;

-- name: post_total · called by account_balances::apply · primary key · one row is added or grows
insert into account_balances_total (code, currency, debits, credits)
values ($1, $2, $3, $4)
on conflict (code, currency) do update
set debits = debits + excluded.debits, credits = credits + excluded.credits;

-- name: balances · called by ReadModels::balances · primary key · by account and currency, at most $3 rows
select account, currency, debits, credits from account_balances
where (account, currency) > ($1, $2) order by account, currency limit $3;

-- name: balances_of_party · called by ReadModels::balances · account_balances_of_party · by account and currency, at most $4 rows
select account, currency, debits, credits from account_balances
where party = $1 and (account, currency) > ($2, $3) order by account, currency limit $4;

-- name: balances_of_contract · called by ReadModels::balances · account_balances_of_contract · by account and currency, at most $4 rows
select account, currency, debits, credits from account_balances
where contract_id = $1 and (account, currency) > ($2, $3) order by account, currency limit $4;

-- name: trial_balance · called by ReadModels::trial_balance · primary key · a row for each account of the chart and currency in use
select code, currency, debits, credits from account_balances_total order by code, currency;
