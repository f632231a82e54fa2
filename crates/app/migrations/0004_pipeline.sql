-- A tenant's connected bot or widget.
CREATE TABLE channel (
    tenant_id     BIGINT  NOT NULL,
    id            BIGINT  NOT NULL,
    key           TEXT    NOT NULL, -- short name, unique within the tenant
    messenger     TEXT    NOT NULL, -- telegram, webchat
    name          TEXT    NOT NULL,
    hook          TEXT    NOT NULL, -- the unguessable last part of the hook's address
    token_sealed  BYTEA,            -- sealed by the vault for row "channel/<id>/token"
    secret_sealed BYTEA,            -- webhook secret, sealed for row "channel/<id>/secret"
    settings      TEXT    NOT NULL, -- JSON: api base, proxy, way of receiving, pace
    state         TEXT    NOT NULL, -- on, paused, broken
    state_reason  TEXT,
    revision      BIGINT  NOT NULL,
    created_at    BIGINT  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX channel_key ON channel (tenant_id, key);
CREATE UNIQUE INDEX channel_hook ON channel (hook);

-- Which scenarios a channel runs, in the order in which they are asked.
CREATE TABLE channel_scenario (
    tenant_id   BIGINT NOT NULL,
    channel_id  BIGINT NOT NULL,
    scenario_id BIGINT NOT NULL,
    position    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, channel_id, scenario_id)
);

-- Where a contact stands in a channel's scenario.
CREATE TABLE session (
    tenant_id  BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    state      TEXT   NOT NULL, -- JSON of engine::Session
    revision   BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, channel_id, contact_id)
);

-- Everything that came in: updates of messengers, due timers, operators' answers.
CREATE TABLE inbound (
    tenant_id   BIGINT NOT NULL,
    channel_id  BIGINT NOT NULL,
    dedup       TEXT   NOT NULL, -- unique for the channel: a delivery that comes twice is one row
    bucket      BIGINT NOT NULL, -- of the conversation; who holds the bucket's lease works on it
    position    BIGINT NOT NULL, -- the messenger's order
    source      TEXT   NOT NULL, -- update, timer, operator
    raw         BYTEA  NOT NULL, -- as it came
    state       BIGINT NOT NULL, -- 0 new, 1 done, 2 skipped, 3 dead
    contact_id  BIGINT,
    note        TEXT,            -- why it was skipped or died
    received_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, channel_id, dedup)
);
CREATE INDEX inbound_open ON inbound (bucket, received_at) WHERE state = 0;

-- Everything that goes out.
CREATE TABLE outbound (
    tenant_id      BIGINT NOT NULL,
    id             BIGINT NOT NULL,
    channel_id     BIGINT NOT NULL,
    contact_id     BIGINT NOT NULL,
    chat           TEXT   NOT NULL,
    bucket         BIGINT NOT NULL,
    class          BIGINT NOT NULL, -- 0 answer, 1 service, 2 bulk
    policy         BIGINT NOT NULL, -- 0 repeat, 1 keep: what becomes of it when the outcome of sending is lost
    body           TEXT   NOT NULL, -- JSON of connectors::Drawn: one message as its messenger shows it
    state          BIGINT NOT NULL, -- 0 waiting, 1 sending, 2 sent, 3 unsure, 4 failed
    due_at         BIGINT NOT NULL,
    attempts       BIGINT NOT NULL,
    vendor_message TEXT,
    note           TEXT,
    cause          TEXT   NOT NULL, -- JSON of Cause
    page           BOOLEAN NOT NULL, -- a page of ours shows it again: web chat
    created_at     BIGINT NOT NULL,
    sent_at        BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX outbound_open ON outbound (bucket, due_at) WHERE state < 2;
CREATE INDEX outbound_page ON outbound (tenant_id, channel_id, chat, id) WHERE page = TRUE;

-- Moments at which a conversation goes on by itself.
CREATE TABLE timer (
    tenant_id  BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    key        TEXT   NOT NULL, -- the engine's name of it within the session
    bucket     BIGINT NOT NULL,
    chat       TEXT   NOT NULL,
    due_at     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, channel_id, contact_id, key)
);
CREATE INDEX timer_due ON timer (bucket, due_at);

-- What a messenger calls a picture that was uploaded to it, so that it is uploaded once.
CREATE TABLE media_upload (
    tenant_id  BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    key        TEXT   NOT NULL, -- base::message::Media::key
    vendor_id  TEXT   NOT NULL,
    uploaded_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, channel_id, key)
);

-- Files of the company and of its customers.
CREATE TABLE file (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    contact_id BIGINT,
    name       TEXT   NOT NULL,
    media_type TEXT   NOT NULL,
    sha256     TEXT   NOT NULL,
    bytes      BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
