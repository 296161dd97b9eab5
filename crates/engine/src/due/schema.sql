create table if not exists meta (
    id integer primary key check (id = 1),
    version integer not null,
    position integer not null,
    leaf blob not null
);
create table if not exists due (
    id integer primary key autoincrement,
    stream text not null,
    kind text not null,
    subject text not null,
    due integer not null,
    epoch integer not null,
    fired integer not null default 0,
    concerns text not null,
    unique (stream, kind, subject)
);
create index if not exists due_by_instant on due (fired, due, id);
create index if not exists due_all on due (due, id);
create table if not exists concern (
    party text not null,
    due integer not null,
    id integer not null,
    primary key (party, due, id)
) without rowid;
