-- A receipt that somebody sent to a promotion.
CREATE TABLE receipts_receipt (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    contact_id   BIGINT NOT NULL,
    channel_id   BIGINT NOT NULL,
    cause        TEXT   NOT NULL, -- the event it came with
    arrived_at   BIGINT NOT NULL, -- of the message: this moment decides
    source       BIGINT NOT NULL, -- 0 words, 1 a picture, 2 a file, 3 a link, 4 fields typed one by one, 5 by the staff
    picture      TEXT   NOT NULL, -- key of the kept file; may be empty
    code         TEXT   NOT NULL, -- as it was read; empty when nothing could be read
    drive        TEXT   NOT NULL, -- fn
    document     BIGINT NOT NULL, -- i
    sign         BIGINT NOT NULL, -- fp
    operation    BIGINT NOT NULL, -- n
    sum          BIGINT NOT NULL, -- in kopecks
    bought_at    TEXT   NOT NULL, -- by the till: 2026-11-22T18:01:00
    state        BIGINT NOT NULL, -- 0 waits for its check, 1 with a provider, 2 waits for a person, 3 accepted, 4 refused
    holds        BOOLEAN NOT NULL, -- no other receipt of the promotion may be the same
    reason       TEXT   NOT NULL, -- of a refusal or of the wait for a person: a name of receipts::Reason
    note         TEXT   NOT NULL, -- what a person wrote to it, or the details of the reason
    version      BIGINT NOT NULL, -- of the terms by which it was judged
    score        BIGINT NOT NULL, -- of suspicion, 0..100
    signs        TEXT   NOT NULL, -- JSON: why it is suspicious
    tries        BIGINT NOT NULL, -- questions asked so far
    waits        BIGINT NOT NULL, -- how often it was put off because the tax service did not know it
    outcome      TEXT   NOT NULL, -- of the last question, as in receipts_attempt; empty: none was asked
    check_at     BIGINT NOT NULL, -- when it is due; while it is with a provider, when that counts as lost
    ticket       BIGINT,
    judged_by    TEXT   NOT NULL, -- rules, or who
    judged_at    BIGINT,
    revision     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, promotion_id, id)
);
CREATE UNIQUE INDEX receipts_receipt_same ON receipts_receipt (tenant_id, promotion_id, drive, document, sign)
    WHERE holds;
CREATE INDEX receipts_receipt_contact ON receipts_receipt (tenant_id, promotion_id, contact_id, arrived_at, id);
CREATE INDEX receipts_receipt_due ON receipts_receipt (tenant_id, promotion_id, check_at, id) WHERE state < 2;
CREATE INDEX receipts_receipt_state ON receipts_receipt (tenant_id, promotion_id, state, arrived_at, id);

-- What a provider knows of a receipt: asked for once, kept for ever.
CREATE TABLE receipts_document (
    tenant_id  BIGINT NOT NULL,
    drive      TEXT   NOT NULL,
    document   BIGINT NOT NULL,
    sign       BIGINT NOT NULL,
    provider   TEXT   NOT NULL,
    body       TEXT   NOT NULL, -- JSON of fiscal::Receipt, without what is personal
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, drive, document, sign)
);

-- Goods of accepted receipts, for what is learnt from them.
CREATE TABLE receipts_item (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    receipt_id   BIGINT NOT NULL,
    line         BIGINT NOT NULL,
    name         TEXT   NOT NULL, -- as printed
    goods        TEXT   NOT NULL, -- the name by which equal goods are counted together
    gtin         TEXT   NOT NULL,
    quantity     BIGINT NOT NULL, -- in thousandths
    sum          BIGINT NOT NULL, -- in kopecks
    PRIMARY KEY (tenant_id, promotion_id, receipt_id, line)
);

-- Where receipts are checked, tried from the first to the last.
CREATE TABLE receipts_provider (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    kind       TEXT   NOT NULL, -- of connectors::receipt_check
    name       TEXT   NOT NULL,
    place      BIGINT NOT NULL,
    secret     BYTEA  NOT NULL, -- encrypted
    settings   TEXT   NOT NULL, -- JSON of receipts::ProviderSettings: address, questions a minute and a day
    paused     BOOLEAN NOT NULL,
    revision   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- What providers were asked and what they answered, a row for each question.
CREATE TABLE receipts_attempt (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    receipt_id   BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    provider_id  BIGINT NOT NULL,
    asked_at     BIGINT NOT NULL,
    took_ms      BIGINT NOT NULL,
    outcome      TEXT   NOT NULL, -- found, not_yet, unknown, refused, quota, later, error
    words        TEXT   NOT NULL, -- of the provider, cut
    PRIMARY KEY (tenant_id, promotion_id, receipt_id, id)
);
CREATE INDEX receipts_attempt_day ON receipts_attempt (tenant_id, provider_id, asked_at);

-- Pictures of receipts: looked at outside of any unit, kept for those who decide, forgotten by the terms.
CREATE TABLE receipts_picture (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    contact_id   BIGINT NOT NULL,
    channel_id   BIGINT NOT NULL,
    cause        TEXT   NOT NULL, -- the event it came with
    chat         TEXT   NOT NULL, -- where the answer goes
    arrived_at   BIGINT NOT NULL, -- of the message
    file         TEXT   NOT NULL, -- JSON of base::FileRef: where the messenger keeps it
    kept         TEXT   NOT NULL, -- key of the kept file; empty until it was fetched and after it was forgotten
    hash         TEXT   NOT NULL, -- of its bytes; empty until it was fetched
    state        BIGINT NOT NULL, -- 0 waits, 1 is looked at, 2 read, 3 nothing could be read, 4 could not be fetched
    codes        BIGINT NOT NULL, -- receipts found in it
    tries        BIGINT NOT NULL,
    look_at      BIGINT NOT NULL, -- when it is due; while it is looked at, when that counts as lost; then, when it is forgotten
    revision     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, promotion_id, id)
);
CREATE INDEX receipts_picture_due ON receipts_picture (tenant_id, promotion_id, look_at, id) WHERE state < 2;
CREATE INDEX receipts_picture_old ON receipts_picture (tenant_id, promotion_id, look_at, id) WHERE kept <> '' AND state >= 2;
CREATE INDEX receipts_picture_contact ON receipts_picture (tenant_id, promotion_id, contact_id, arrived_at, id);
CREATE INDEX receipts_picture_hash ON receipts_picture (tenant_id, promotion_id, hash) WHERE hash <> '';

-- What somebody who types a receipt field by field has typed so far.
CREATE TABLE receipts_form (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    contact_id   BIGINT NOT NULL,
    fields       TEXT   NOT NULL, -- JSON of receipts::Form
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, promotion_id, contact_id)
);

-- How many questions were asked for a promotion: what its budget is compared with.
CREATE TABLE receipts_asked (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    questions    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, promotion_id)
);
