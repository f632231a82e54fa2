-- The rules of a company's loyalty programme; without a row the defaults hold.
CREATE TABLE loyalty_programme (
    tenant_id  BIGINT NOT NULL PRIMARY KEY,
    document   TEXT   NOT NULL, -- JSON of loyalty::Programme
    revision   BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Cards: a number once for each contact.
CREATE TABLE loyalty_card (
    tenant_id  BIGINT NOT NULL,
    number     TEXT   NOT NULL, -- twelve digits
    contact_id BIGINT NOT NULL,
    issued_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, number)
);
CREATE UNIQUE INDEX loyalty_card_contact ON loyalty_card (tenant_id, contact_id);
