-- Purchases that earned points or were paid with them. What was brought back is summed up here.
CREATE TABLE loyalty_purchase (
    tenant_id      BIGINT NOT NULL,
    key            TEXT   NOT NULL, -- made by the caller: the same key is the same purchase
    id             BIGINT NOT NULL,
    contact_id     BIGINT NOT NULL,
    sum_minor      BIGINT NOT NULL, -- the whole, that which was paid with points included
    paid_points    BIGINT NOT NULL,
    point_minor    BIGINT NOT NULL, -- what a point was worth
    earned_points  BIGINT NOT NULL,
    refunded_minor BIGINT NOT NULL, -- of the sum; guards the four columns of what was brought back
    returned       BIGINT NOT NULL, -- of the paid points
    taken          BIGINT NOT NULL, -- of the earned points
    money_back     BIGINT NOT NULL, -- of the money
    items          TEXT   NOT NULL, -- JSON array of loyalty::Item
    receipt        TEXT,
    note           TEXT,
    cause          TEXT   NOT NULL, -- JSON of Cause
    digest         TEXT   NOT NULL, -- of the content: the same key with another content is refused
    at             BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE UNIQUE INDEX loyalty_purchase_id ON loyalty_purchase (tenant_id, id);
CREATE INDEX loyalty_purchase_contact ON loyalty_purchase (tenant_id, contact_id, id);

-- Purchases brought back, all or a part.
CREATE TABLE loyalty_refund (
    tenant_id   BIGINT NOT NULL,
    key         TEXT   NOT NULL, -- made by the caller
    id          BIGINT NOT NULL,
    purchase_id BIGINT NOT NULL,
    contact_id  BIGINT NOT NULL,
    sum_minor   BIGINT NOT NULL,
    returned    BIGINT NOT NULL, -- spent points that came back
    taken       BIGINT NOT NULL, -- earned points that went back
    money_back  BIGINT NOT NULL,
    note        TEXT,
    cause       TEXT   NOT NULL,
    digest      TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX loyalty_refund_purchase ON loyalty_refund (tenant_id, purchase_id, id);

-- What a company told people by itself, once for each person, day and kind: that points end, that they ended, that it is
-- their birthday.
CREATE TABLE loyalty_warning (
    tenant_id  BIGINT  NOT NULL,
    contact_id BIGINT  NOT NULL,
    day        TEXT    NOT NULL, -- ISO 8601, of the business; of a birthday the birthday itself
    kind       TEXT    NOT NULL, -- expiring, expired, birthday
    points     BIGINT  NOT NULL,
    ends_at    BIGINT,           -- the soonest end; none is never
    told       BOOLEAN NOT NULL, -- false: there was no way to write to them
    at         BIGINT  NOT NULL,
    PRIMARY KEY (tenant_id, contact_id, day, kind)
);
CREATE INDEX loyalty_warning_day ON loyalty_warning (tenant_id, day, kind);

-- How far such a walk has come: everything up to that end, and of that end up to that account, was looked at.
CREATE TABLE loyalty_reach (
    tenant_id  BIGINT NOT NULL,
    kind       TEXT   NOT NULL, -- expiring:<days before>, expired
    since      BIGINT NOT NULL, -- where the stretch that is walked begins
    through    BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind)
);

-- The ends of lots that were put off.
CREATE TABLE ledger_term (
    tenant_id  BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    lot_id     BIGINT NOT NULL,
    operation  TEXT   NOT NULL, -- ledger_operation.key
    was        BIGINT,
    became     BIGINT,          -- none is never
    at         BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, account_id, lot_id, operation)
);

-- In the order in which warnings and expiry walk.
CREATE INDEX ledger_lot_ends ON ledger_lot (tenant_id, expires_at, account_id)
    WHERE expires_at IS NOT NULL AND remaining > held;
DROP INDEX ledger_lot_due;
CREATE INDEX ledger_lot_expired ON ledger_lot (tenant_id, expires_at, account_id) WHERE expired > 0;

-- Whose birthday it is: by month and day.
CREATE INDEX contact_birthday ON contact (tenant_id, substr(birthday, 6, 5), id) WHERE birthday IS NOT NULL;
