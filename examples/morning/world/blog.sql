-- The blog on the morning after its audit: of the ten newest posts (71 to 80) two are fit to be shown. Six have an image
-- that nobody can fetch, two do not invite their readers to book. Posts 61 to 67 fail one gate each, 68 fails none.
create table posts (
    id text primary key, slug text not null, title text not null, description text not null, text text not null,
    image text not null, target text not null, status text not null, sources text not null, links text not null
);
create table links (post text not null, url text not null, alive integer not null);
create table images (url text primary key, reachable integer not null);
create table publications (
    id integer primary key, post text not null, slug text not null, key text not null, at integer not null
);
create table withdrawals (
    id integer primary key, post text not null, publication text not null, key text not null, at integer not null
);

insert into images values ('https://morning.example/images/parcel.jpg', 1), ('https://morning.example/images/gone.jpg', 0);

-- A text of 320 words; the invitation stands at its end.
create temp table long as
    with recursive line(n, words) as (
        select 1, 'How we take goods back, step by step.' union all
        select n + 1, words || ' How we take goods back, step by step.' from line where n < 40
    )
    select words as plain, words || ' Talk to us: /book a call.' as inviting from line where n = 40;

create temp table seed (
    id text, slug text, title text, target text, status text, image text, invites integer, says text, is_short integer,
    sources text
);
insert into seed values
    ('50', 'how-refunds-work', 'How refunds work', 'returns', 'published', 'parcel', 1, '', 0, '["https://law.example/returns"]'),
    ('61', '', 'Too little said of it', 'returns', 'draft', 'parcel', 1, 'Too short.', 0, '["https://law.example/returns"]'),
    ('62', '', 'A note on parcels', 'shipping', 'draft', 'parcel', 1, '', 1, '["https://law.example/parcels"]'),
    ('63', '', 'Your stars this week', 'horoscopes', 'draft', 'parcel', 1, '', 0, '["https://stars.example"]'),
    ('64', '', 'What everybody knows', 'returns', 'draft', 'parcel', 1, '', 0, '[]'),
    ('65', '', 'Where to read on', 'shipping', 'draft', 'parcel', 1, '', 0, '["https://law.example/parcels"]'),
    ('66', '', '', 'returns', 'draft', 'parcel', 1, '', 0, '["https://law.example/returns"]'),
    ('67', '', 'An old offer', 'returns', 'withdrawn', 'parcel', 1, '', 0, '["https://law.example/returns"]'),
    ('68', '', 'What the assessment shows', 'assessment', 'draft', 'parcel', 1, '', 0, '["https://morning.example/figures"]'),
    ('71', '', 'A refund in a day', 'returns', 'draft', 'parcel', 1, '', 0, '["https://law.example/returns"]'),
    ('72', '', 'When a parcel is lost', 'shipping', 'draft', 'parcel', 1, '', 0, '["https://law.example/parcels"]'),
    ('73', '', 'Packing glass', 'shipping', 'draft', 'gone', 1, '', 0, '["https://law.example/parcels"]'),
    ('74', '', 'Packing books', 'shipping', 'draft', 'gone', 1, '', 0, '["https://law.example/parcels"]'),
    ('75', '', 'Packing shoes', 'shipping', 'draft', 'gone', 1, '', 0, '["https://law.example/parcels"]'),
    ('76', '', 'Returns at Christmas', 'returns', 'draft', 'gone', 1, '', 0, '["https://law.example/returns"]'),
    ('77', '', 'Returns from abroad', 'returns', 'draft', 'gone', 1, '', 0, '["https://law.example/returns"]'),
    ('78', '', 'Returns without a receipt', 'returns', 'draft', 'gone', 1, '', 0, '["https://law.example/returns"]'),
    ('79', '', 'Choosing a carrier', 'shipping', 'draft', 'parcel', 0, '', 0, '["https://law.example/parcels"]'),
    ('80', '', 'Insuring a parcel', 'shipping', 'draft', 'parcel', 0, '', 0, '["https://law.example/parcels"]');

insert into posts
select id, slug, title,
       case says when '' then 'What to do, what it costs and how long it takes, told by those who do it all day.' else says end,
       case when is_short then 'Wrap it well. /book a call.' when invites then long.inviting else long.plain end,
       'https://morning.example/images/' || image || '.jpg', target, status, sources, '["/returns"]'
  from seed, long;

insert into links select id, '/returns', id <> '65' from posts;
