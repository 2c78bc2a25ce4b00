-- The customer database on that morning: 68 prospects of a trade fair (P-101 to P-168) whose address nobody knows, and
-- a few who are known better. Findings are what enrichment kept.
create table prospects (
    id text primary key, name text not null, stage text not null,
    opted_out integer not null, tier integer not null, profile text not null, company text not null, email text not null,
    email_status text not null, version integer not null default 1
);
create trigger moved after update of name, stage, opted_out, tier, profile, company, email, email_status on prospects
    begin update prospects set version = old.version + 1 where id = old.id; end;
create table corrections (prospect text not null, field text not null, by text not null, primary key (prospect, field));
create table templates (name text not null, offer text primary key, offer_approved integer not null, calls_to_action text not null);
create table messages (
    id integer primary key, prospect text not null, template text not null, text text not null, key text not null,
    at integer not null
);
create table findings (
    id integer primary key, prospect text not null, profile text not null, company text not null,
    email text not null, version integer not null, key text not null, at integer not null
);

insert into templates values
    ('assessment-first', 'assessment', 1, '["Book an assessment"]'),
    ('workshop-first', 'workshop', 0, '["Join the workshop"]'),
    ('catalogue-first', 'catalogue', 1, '["Read the catalogue", "Book a call"]');

insert into prospects (id, name, stage, opted_out, tier, profile, company, email, email_status) values
    ('P-17', 'Nora Lind', 'warm', 0, 2, 'https://people.example/nora-lind', 'Nordwind', 'nora@nordwind.example', 'verified'),
    ('P-18', 'Omar Haddad', 'warm', 0, 1, 'https://people.example/omar-haddad', 'Hafen Logistics', 'omar@hafen.example', 'verified'),
    ('P-19', 'Pia Krogh', 'new', 1, 3, '', 'Krogh Design', 'pia@krogh.example', 'verified'),
    ('P-20', 'Quentin Roy', 'customer', 0, 2, '', 'Roy & Fils', 'quentin@roy.example', 'verified'),
    ('P-21', 'Rana Aziz', 'warm', 0, 2, '', 'Aziz Trading', 'rana@aziz.example', 'verified'),
    ('P-22', 'Stefan Baum', 'new', 0, 3, '', 'Baumwerk', 'stefan@baumwerk.example', 'unverified'),
    ('P-23', 'Tala Reyes', 'new', 0, 3, '', '', '', 'missing');

insert into prospects (id, name, stage, opted_out, tier, profile, company, email, email_status)
    with recursive fair(n) as (select 1 union all select n + 1 from fair where n < 68)
    select 'P-' || (100 + n), 'Visitor ' || n, 'new', 0, 3, '', '', '', 'missing' from fair;

insert into messages (prospect, template, text, key, at)
    values ('P-21', 'assessment-first', 'Dear Rana, a word about the assessment.', 'by hand', cast(strftime('%s', 'now') as integer) - 3 * 86400);
