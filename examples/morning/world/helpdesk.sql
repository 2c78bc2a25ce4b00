-- The helpdesk on that morning: 501 can be answered at once, 506 because of what was closed before; 502 is for a person, and each
-- of the others stops at one rule.
create table tickets (
    number text primary key, customer text not null, subject text not null, body text not null, opened_at integer not null
);
create table dependencies (ticket text not null, waits_for text not null, resolved integer not null);
create table closings (
    id integer primary key, ticket text not null, issue text not null, message text not null, key text not null,
    at integer not null
);

insert into tickets values
    ('501', 'Ada Okafor', 'My parcel did not arrive', 'The parcel should be delivered on Monday and did not arrive.', cast(strftime('%s', 'now') as integer) - 7200),
    ('502', 'Ben Fischer', 'Parcel', 'Where is my parcel', cast(strftime('%s', 'now') as integer) - 7000),
    ('503', 'Carla Mendes', 'Hello', 'I only wanted to say hello.', cast(strftime('%s', 'now') as integer) - 6800),
    ('504', 'Dmitri Volkov', 'Parcel not delivered', 'It did not arrive, and I want my money back.', cast(strftime('%s', 'now') as integer) - 6600),
    ('506', 'Farid Nasser', 'Broken lamp', 'The lamp came broken.', cast(strftime('%s', 'now') as integer) - 6300),
    ('411', 'Greta Lind', 'Broken lamp', 'It was broken and scratched.', cast(strftime('%s', 'now') as integer) - 90000),
    ('412', 'Hugo Roy', 'Broken lamp', 'Broken on arrival.', cast(strftime('%s', 'now') as integer) - 180000),
    ('413', 'Ida Berg', 'broken lamp', 'The glass is broken.', cast(strftime('%s', 'now') as integer) - 270000),
    ('505', 'Elif Demir', 'My invoice', 'I was charged twice on one invoice.', cast(strftime('%s', 'now') as integer) - 6400);

insert into dependencies values ('504', 'refund 1004', 0), ('505', 'refund 1005', 1);
insert into closings (ticket, issue, message, key, at) values
    ('411', 'damage', 'A new lamp is on its way.', 'by hand 1', cast(strftime('%s', 'now') as integer) - 80000),
    ('412', 'damage', 'A new lamp is on its way.', 'by hand 2', cast(strftime('%s', 'now') as integer) - 170000),
    ('413', 'damage', 'A new lamp is on its way.', 'by hand 3', cast(strftime('%s', 'now') as integer) - 260000);
