-- What is learnt from accepted receipts is counted ticket by ticket, apart from the way on which they are accepted:
-- numbers have no gap, so that the last one counted says how far it is.
CREATE TABLE promo_counted (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    number       BIGINT NOT NULL, -- the last ticket that is in the tallies
    revision     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, promotion_id)
);

-- Sums by day, hour of the week, region, shop, …
CREATE TABLE promo_tally (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    kind         TEXT   NOT NULL, -- a name of numbers::Kind
    key          TEXT   NOT NULL, -- 2026-11-22, 3-18, 54, …
    receipts     BIGINT NOT NULL,
    people       BIGINT NOT NULL,
    sum          BIGINT NOT NULL, -- in kopecks
    PRIMARY KEY (tenant_id, promotion_id, kind, key)
);

-- Sums by goods, told apart by their normalised names.
CREATE TABLE promo_goods (
    tenant_id    BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    goods        TEXT   NOT NULL, -- the normalised name
    name         TEXT   NOT NULL, -- as it was printed first
    receipts     BIGINT NOT NULL, -- in how many receipts
    quantity     BIGINT NOT NULL, -- in thousandths
    sum          BIGINT NOT NULL, -- in kopecks
    PRIMARY KEY (tenant_id, promotion_id, goods)
);

-- Why receipts were refused, counted and listed by reason without a look at the rest.
CREATE INDEX receipts_receipt_refused ON receipts_receipt (tenant_id, promotion_id, reason, arrived_at, id)
    WHERE state = 4;
