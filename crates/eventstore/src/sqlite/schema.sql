-- The log's file. Every definition is compared as text with what a file holds, so a change here is a new format.

create table meta (
    name text primary key not null,
    value text not null
) strict, without rowid;

create table event (
    position integer primary key,
    record blob not null,
    leaf blob not null,
    previous blob not null
) strict;

create table batch (
    first_position integer primary key,
    last_position integer not null,
    recorded_at integer not null
) strict;

create table stream_head (
    stream text primary key not null,
    revision integer not null,
    position integer not null
) strict, without rowid;

create table command (
    key blob primary key not null,
    position integer not null
) strict, without rowid;

create table consumer (
    name text primary key not null,
    position integer not null,
    leaf blob not null,
    digest blob not null
) strict, without rowid;

create trigger event_is_never_updated before update on event
begin select raise(abort, 'an event is never updated'); end;

create trigger event_is_never_deleted before delete on event
begin select raise(abort, 'an event is never deleted'); end;

create trigger batch_is_never_updated before update on batch
begin select raise(abort, 'a batch is never updated'); end;

create trigger batch_is_never_deleted before delete on batch
begin select raise(abort, 'a batch is never deleted'); end;

create trigger command_is_never_updated before update on command
begin select raise(abort, 'a command is never updated'); end;

create trigger command_is_never_deleted before delete on command
begin select raise(abort, 'a command is never deleted'); end;

create trigger stream_head_is_never_deleted before delete on stream_head
begin select raise(abort, 'a stream is never deleted'); end;

create trigger meta_is_never_updated before update on meta
begin select raise(abort, 'the identity of a log is never updated'); end;

create trigger meta_is_never_deleted before delete on meta
begin select raise(abort, 'the identity of a log is never deleted'); end;
