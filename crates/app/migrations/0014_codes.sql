-- The company's rules of confirmation codes; without a row the defaults hold.
CREATE TABLE codes_rules (
    tenant_id  BIGINT NOT NULL PRIMARY KEY,
    document   TEXT   NOT NULL, -- JSON of codes::CodeRules
    revision   BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Codes that customers were sent, each for one operation.
CREATE TABLE codes_code (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    kind       TEXT   NOT NULL, -- of the operation: deduct
    operation  TEXT   NOT NULL, -- JSON of codes::Operation
    key        TEXT   NOT NULL, -- of the operation, for ever
    hash       BYTEA  NOT NULL, -- signature of the code; the code itself is not kept
    state      TEXT   NOT NULL, -- open, used, confirmed, cancelled, exhausted
    tries      BIGINT NOT NULL, -- wrong ones
    asked_by   TEXT   NOT NULL, -- staff, key, setup or system
    asked_at   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revision   BIGINT NOT NULL, -- guards state and tries
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX codes_code_contact ON codes_code (tenant_id, contact_id, asked_at);

-- Guards that a contact is sent codes one after another.
CREATE TABLE codes_contact (
    tenant_id  BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    asked      BIGINT NOT NULL, -- how often, ever
    PRIMARY KEY (tenant_id, contact_id)
);
