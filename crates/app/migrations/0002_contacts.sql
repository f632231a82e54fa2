-- A person who writes to a bot.
CREATE TABLE contact (
    tenant_id     BIGINT  NOT NULL,
    id            BIGINT  NOT NULL,
    name          TEXT    NOT NULL,
    name_key      TEXT    NOT NULL, -- the name as it is searched: lower case, ё as е
    phone         TEXT,             -- E.164
    phone_proved  BOOLEAN NOT NULL, -- the messenger vouched for it, or a code did
    birthday      TEXT,             -- ISO 8601 date
    locale        TEXT    NOT NULL, -- ru, en
    fields        TEXT    NOT NULL, -- JSON object of the company's own fields
    tags          TEXT    NOT NULL, -- JSON array: the rows of contact_tag, so that a conversation needs no second read
    consents      TEXT    NOT NULL, -- JSON object, purpose to version: the consents in force
    source        TEXT,             -- where the person came from: the tag of the first link
    registered_at BIGINT,
    stopped_at    BIGINT,           -- asked for silence
    erased_at     BIGINT,           -- personal data was removed on request
    revision      BIGINT  NOT NULL,
    created_at    BIGINT  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX contact_phone ON contact (tenant_id, phone);

-- The tags of contacts, to be found by tag.
CREATE TABLE contact_tag (
    tenant_id  BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    tag        TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, contact_id, tag)
);
CREATE INDEX contact_tag_tag ON contact_tag (tenant_id, tag, contact_id);

-- What a messenger calls a contact.
CREATE TABLE identity (
    tenant_id   BIGINT NOT NULL,
    channel_id  BIGINT NOT NULL,
    external_id TEXT   NOT NULL, -- the messenger's id of the person
    contact_id  BIGINT NOT NULL,
    chat        TEXT   NOT NULL, -- where to write to the person
    name        TEXT   NOT NULL, -- as the person is called there
    handle      TEXT,
    language    TEXT,
    blocked_at  BIGINT,          -- the person forbade the bot to write
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, channel_id, external_id)
);
CREATE INDEX identity_contact ON identity (tenant_id, contact_id);

-- Consents as they were given; a row is never changed but for its revocation.
CREATE TABLE consent (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    purpose    TEXT   NOT NULL,
    version    BIGINT NOT NULL, -- of consent_text; 0 when the company had stored no text
    text_hash  TEXT   NOT NULL, -- SHA-256 of the text that was agreed to; empty for version 0
    channel_id BIGINT,          -- where it was given; none when staff or a program recorded it
    given_at   BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX consent_contact ON consent (tenant_id, contact_id, purpose);

-- The texts people agree to.
CREATE TABLE consent_text (
    tenant_id  BIGINT NOT NULL,
    purpose    TEXT   NOT NULL,
    version    BIGINT NOT NULL, -- 1, 2, …; the largest is the current one
    text       TEXT   NOT NULL,
    text_hash  TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, purpose, version)
);
