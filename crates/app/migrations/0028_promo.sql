-- A promotion: receipts become tickets, tickets may win.
CREATE TABLE promo_promotion (
    tenant_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    key         TEXT   NOT NULL, -- short name, in links and public addresses
    name        TEXT   NOT NULL,
    state       BIGINT NOT NULL, -- 0 draft, 1 tested with real receipts, 2 running, 3 over, 4 put away
    starts_at   BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL, -- the first moment that is too late
    terms       TEXT   NOT NULL, -- JSON of promo::Terms
    version     BIGINT NOT NULL, -- of the terms: raised by every change of them
    channel_id  BIGINT,          -- a bot of its own; none: any bot that runs its scenario
    revision    BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX promo_promotion_key ON promo_promotion (tenant_id, key);

-- The terms as they once were: a refusal names its version.
CREATE TABLE promo_version (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    terms        TEXT   NOT NULL,
    actor        TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, promotion_id, version)
);

-- How many tickets were given out: the last number. Guarded by itself, in a lane of the promotion.
CREATE TABLE promo_counter (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    tickets      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, promotion_id)
);

-- Who accepted the rules.
CREATE TABLE promo_participant (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    contact_id   BIGINT NOT NULL,
    channel_id   BIGINT NOT NULL, -- where it was done: what is said to the person goes there
    source       TEXT   NOT NULL, -- of the link or the phrase; may be empty
    version      BIGINT NOT NULL, -- of the terms that were accepted
    blocked      TEXT   NOT NULL, -- why the person takes part no more; empty: takes part
    joined_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, promotion_id, contact_id)
);
CREATE INDEX promo_participant_joined ON promo_participant (tenant_id, promotion_id, joined_at, contact_id);
CREATE INDEX promo_participant_contact ON promo_participant (tenant_id, contact_id, promotion_id);

-- Numbers without a gap; a receipt has one ticket at most.
CREATE TABLE promo_ticket (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    number       BIGINT NOT NULL, -- from 1
    receipt_id   BIGINT NOT NULL,
    contact_id   BIGINT NOT NULL,
    arrived_at   BIGINT NOT NULL, -- of the receipt
    issued_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, promotion_id, number)
);
CREATE UNIQUE INDEX promo_ticket_receipt ON promo_ticket (tenant_id, promotion_id, receipt_id);
CREATE INDEX promo_ticket_contact ON promo_ticket (tenant_id, promotion_id, contact_id, number);

-- Codes of a partner, given out one to a person.
CREATE TABLE promo_pool (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    partner      TEXT   NOT NULL,
    message      TEXT   NOT NULL, -- a template of what is said with the code
    low_at       BIGINT NOT NULL, -- when so many are left, those in charge are told
    total        BIGINT NOT NULL, -- codes in it
    given        BIGINT NOT NULL, -- of them given out
    alerted_at   BIGINT,
    revision     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, promotion_id, id)
);
CREATE TABLE promo_code (
    tenant_id    BIGINT NOT NULL,
    pool_id      BIGINT NOT NULL,
    code         TEXT   NOT NULL,
    promotion_id BIGINT NOT NULL,
    place        BIGINT NOT NULL, -- in the order of the upload
    state        BIGINT NOT NULL, -- 0 free, 1 given
    contact_id   BIGINT,
    given_at     BIGINT,
    PRIMARY KEY (tenant_id, pool_id, code)
);
-- One to a person, whatever the pools of the promotion.
CREATE UNIQUE INDEX promo_code_contact ON promo_code (tenant_id, promotion_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX promo_code_free ON promo_code (tenant_id, pool_id, place) WHERE state = 0;
CREATE INDEX promo_code_given ON promo_code (tenant_id, pool_id, given_at, code) WHERE state = 1;

-- Who earned a code when there was none: they get theirs when a pool is filled.
CREATE TABLE promo_owed (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    contact_id   BIGINT NOT NULL,
    since        BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, promotion_id, contact_id)
);
CREATE INDEX promo_owed_since ON promo_owed (tenant_id, promotion_id, since, contact_id);
