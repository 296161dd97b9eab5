-- name: raw_page · called by replay::raw · primary key (position) · at most ?2 rows in order
select position, record, leaf from event where position > ?1 order by position limit ?2;
