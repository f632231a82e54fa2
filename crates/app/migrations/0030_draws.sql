-- A draw: one stage of a promotion.
CREATE TABLE draws_draw (
    tenant_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    state        TEXT   NOT NULL, -- planned, freezing, frozen, drawn, published
    plan         TEXT   NOT NULL, -- JSON of draws::Plan: prizes, reserve, who is left out, where randomness comes from
    from_at      BIGINT NOT NULL, -- tickets of receipts that arrived from here on
    until_at     BIGINT NOT NULL, -- and before this
    planned_at   BIGINT NOT NULL, -- when it is to be held
    secret       BYTEA,           -- of the organiser, sealed: the commitment in the plan is made for it
    file_id      BIGINT NOT NULL, -- the list of tickets, in pieces
    cursor       BIGINT NOT NULL, -- the last ticket that was written to it
    pieces       BIGINT NOT NULL,
    size         BIGINT NOT NULL, -- of the list, in bytes
    tickets      BIGINT NOT NULL, -- in the list
    note         TEXT   NOT NULL, -- why a freezing was given up; may be empty
    announcement TEXT   NOT NULL, -- the text, once it is frozen
    announced    TEXT   NOT NULL, -- its hash
    protocol     TEXT   NOT NULL, -- the signed file, once it is drawn
    frozen_at    BIGINT,
    drawn_at     BIGINT,
    published_at BIGINT,
    revision     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX draws_draw_promotion ON draws_draw (tenant_id, promotion_id, id);

-- A ticket that was drawn: for a prize, or for the reserve.
CREATE TABLE draws_winner (
    tenant_id    BIGINT NOT NULL,
    draw_id      BIGINT NOT NULL,
    place        BIGINT NOT NULL, -- in the order of the draw, the reserve behind, from 1
    promotion_id BIGINT NOT NULL,
    prize        BIGINT NOT NULL, -- of the plan, from 1; 0: in reserve, and not called
    reserve      BOOLEAN NOT NULL, -- it was drawn for the reserve
    instead_of   BIGINT,          -- the place whose prize was refused
    ticket       BIGINT NOT NULL,
    contact_id   BIGINT NOT NULL,
    name         TEXT   NOT NULL, -- masked, as published
    state        TEXT   NOT NULL, -- reserve, drawn, told, accepted, sent, handed, refused, silent
    answer_until BIGINT,
    told_at      BIGINT,
    answered_at  BIGINT,
    sent_at      BIGINT,
    handed_at    BIGINT,
    ended_at     BIGINT,          -- refused, or silent for too long
    delivery     BYTEA,           -- where to and to whom, sealed
    delivery_at  BIGINT,
    note         TEXT   NOT NULL, -- of the staff: the number of a parcel
    revision     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, draw_id, place)
);
CREATE INDEX draws_winner_promotion ON draws_winner (tenant_id, promotion_id, draw_id, place);
CREATE INDEX draws_winner_contact ON draws_winner (tenant_id, contact_id, draw_id, place);

-- What prizes a person got in a calendar year, together.
CREATE TABLE draws_year (
    tenant_id  BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    year       BIGINT NOT NULL,
    worth      BIGINT NOT NULL, -- in kopecks
    tax        BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, contact_id, year)
);

-- The journal of the tax on prizes: a row for each prize handed over, never changed.
CREATE TABLE draws_tax (
    tenant_id    BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    year         BIGINT NOT NULL,
    contact_id   BIGINT NOT NULL,
    promotion_id BIGINT NOT NULL,
    draw_id      BIGINT NOT NULL,
    place        BIGINT NOT NULL,
    prize        TEXT   NOT NULL,
    worth        BIGINT NOT NULL, -- in kopecks
    before       BIGINT NOT NULL, -- worth of the person's prizes of the year before this one
    taxable      BIGINT NOT NULL,
    tax          BIGINT NOT NULL,
    rule         TEXT   NOT NULL, -- JSON of draws::TaxRule by which it was counted
    handed_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX draws_tax_once ON draws_tax (tenant_id, draw_id, place);
CREATE INDEX draws_tax_year ON draws_tax (tenant_id, year, id);

-- The company's rules of prizes; the defaults where there is no row.
CREATE TABLE draws_rules (
    tenant_id  BIGINT NOT NULL PRIMARY KEY,
    document   TEXT   NOT NULL, -- JSON of draws::Rules
    revision   BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
