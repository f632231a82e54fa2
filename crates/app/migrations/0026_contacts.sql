-- When a person last did something in a chat, to the quarter of an hour: as fine as days of any zone need, and written
-- once in a quarter rather than with every message.
ALTER TABLE contact ADD COLUMN last_seen_at BIGINT;
UPDATE contact SET last_seen_at = (
    SELECT MAX(s.updated_at) FROM identity i
    JOIN session s ON s.tenant_id = i.tenant_id AND s.channel_id = i.channel_id AND s.contact_id = i.contact_id
    WHERE i.tenant_id = contact.tenant_id AND i.contact_id = contact.id
);

-- The table of customers in each of its orders, without those who are in none of the lists.
CREATE INDEX contact_listed ON contact (tenant_id, id, name_key, phone) WHERE staff_side = FALSE AND erased_at IS NULL;
CREATE INDEX contact_by_name ON contact (tenant_id, name_key, id) WHERE staff_side = FALSE AND erased_at IS NULL;
CREATE INDEX contact_by_creation ON contact (tenant_id, created_at, id) WHERE staff_side = FALSE AND erased_at IS NULL;
CREATE INDEX contact_by_seen ON contact (tenant_id, last_seen_at, id) WHERE staff_side = FALSE AND erased_at IS NULL;
CREATE INDEX ledger_wallet_balance ON ledger_wallet (tenant_id, code, balance, contact_id);
CREATE INDEX ledger_wallet_debt ON ledger_wallet (tenant_id, contact_id) WHERE debt > 0;

-- Fields of a company's own: what they are called and what they hold.
CREATE TABLE contact_field (
    tenant_id  BIGINT  NOT NULL,
    key        TEXT    NOT NULL, -- as in contact.fields and contact.fields.<key> of conditions
    title      TEXT    NOT NULL, -- as people read it
    kind       TEXT    NOT NULL, -- text, number, flag, date, choice
    choices    TEXT    NOT NULL, -- JSON array of texts; empty but for choice
    position   BIGINT  NOT NULL,
    revision   BIGINT  NOT NULL,
    PRIMARY KEY (tenant_id, key)
);

-- One thing done to many customers at once: how far it came.
CREATE TABLE contact_bulk (
    tenant_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    action      TEXT   NOT NULL, -- tag, untag
    tag         TEXT   NOT NULL,
    audience    TEXT   NOT NULL, -- JSON; the condition as it was at the start
    state       TEXT   NOT NULL, -- running, done, cancelled
    cursor      BIGINT,          -- the last contact who was seen to
    total       BIGINT NOT NULL, -- how many they were at the start
    seen        BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    undoes      BIGINT,          -- the run that this one undoes
    created_by  TEXT   NOT NULL, -- as in audit.actor
    created_at  BIGINT NOT NULL,
    finished_at BIGINT,
    revision    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX contact_bulk_undoes ON contact_bulk (tenant_id, undoes) WHERE undoes IS NOT NULL;

-- Whom it changed: those and nobody else are changed back.
CREATE TABLE contact_bulk_changed (
    tenant_id  BIGINT NOT NULL,
    bulk_id    BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, bulk_id, contact_id)
);
CREATE INDEX contact_bulk_changed_contact ON contact_bulk_changed (tenant_id, contact_id, bulk_id);

-- Two rows that were one person: what each was before, so that it can be undone.
CREATE TABLE contact_merge (
    tenant_id BIGINT NOT NULL,
    id        BIGINT NOT NULL,
    kept      BIGINT NOT NULL, -- the contact that goes on
    gone      BIGINT NOT NULL, -- the contact that was taken in
    document  TEXT   NOT NULL, -- JSON of contacts::merge::Before
    made_by   TEXT   NOT NULL, -- as in audit.actor
    made_at   BIGINT NOT NULL,
    undone_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX contact_merge_kept ON contact_merge (tenant_id, kept, id);
CREATE INDEX contact_merge_gone ON contact_merge (tenant_id, gone);
CREATE INDEX contact_joined ON contact (tenant_id, joined_into) WHERE joined_into IS NOT NULL;
