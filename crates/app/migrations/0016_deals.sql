-- Ways that deals go.
CREATE TABLE deals_pipeline (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    key        TEXT   NOT NULL, -- short name: main, orders
    document   TEXT   NOT NULL, -- JSON of deals::PipelineFields
    revision   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX deals_pipeline_key ON deals_pipeline (tenant_id, key);

-- Deals with contacts.
CREATE TABLE deals_deal (
    tenant_id   BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    key         TEXT   NOT NULL, -- made by whoever asks: the same key is the same deal
    contact_id  BIGINT NOT NULL,
    pipeline_id BIGINT NOT NULL,
    stage       TEXT   NOT NULL,
    kind        TEXT   NOT NULL, -- of the stage: open, success, failure
    title       TEXT   NOT NULL,
    sum         BIGINT,          -- in kopecks
    items       TEXT   NOT NULL, -- JSON of deals::DealItem, as they were then
    source      TEXT   NOT NULL, -- registration, order, scenario, staff, api
    responsible BIGINT,          -- staff
    points      BIGINT NOT NULL, -- that an order set aside
    order_state TEXT,            -- open, done, refused, expired, refunded; none is no order
    order_item  BIGINT,
    order_until BIGINT,          -- then an open order is refused by itself
    hold_id     BIGINT,
    accrued     BIGINT NOT NULL, -- points that success gave and nobody took back
    rounds      BIGINT NOT NULL, -- how often they were taken back
    revision    BIGINT NOT NULL, -- guards all of it
    created_at  BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX deals_deal_key ON deals_deal (tenant_id, key);
CREATE INDEX deals_deal_contact ON deals_deal (tenant_id, contact_id, id);
CREATE INDEX deals_deal_stage ON deals_deal (tenant_id, pipeline_id, stage, id);

-- How deals moved; never changed.
CREATE TABLE deals_change (
    tenant_id BIGINT NOT NULL,
    deal_id   BIGINT NOT NULL,
    id        BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    was       TEXT,            -- none: it was made
    stage     TEXT   NOT NULL,
    actor     TEXT   NOT NULL,
    note      TEXT,
    PRIMARY KEY (tenant_id, deal_id, id)
);

-- Guards that a contact orders one thing after another, where there is a limit for one person.
CREATE TABLE deals_buyer (
    tenant_id  BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    orders     BIGINT NOT NULL, -- how many, ever
    PRIMARY KEY (tenant_id, contact_id)
);
