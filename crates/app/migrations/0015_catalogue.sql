-- Services and goods of a company.
CREATE TABLE catalogue_item (
    tenant_id  BIGINT  NOT NULL,
    id         BIGINT  NOT NULL,
    key        TEXT    NOT NULL, -- short name, by which it is found again
    document   TEXT    NOT NULL, -- JSON of catalogue::ItemFields
    active     BOOLEAN NOT NULL, -- shown and ordered
    position   BIGINT  NOT NULL, -- its place in lists
    stock      BIGINT,           -- pieces that can be ordered now; none is without end
    revision   BIGINT  NOT NULL, -- guards key and document; orders do not change it
    created_at BIGINT  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX catalogue_item_key ON catalogue_item (tenant_id, key);
CREATE INDEX catalogue_item_place ON catalogue_item (tenant_id, position, id);

-- What the screens of the catalogue say; without a row the defaults hold.
CREATE TABLE catalogue_texts (
    tenant_id  BIGINT NOT NULL PRIMARY KEY,
    document   TEXT   NOT NULL, -- JSON of catalogue::CatalogueTexts
    revision   BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
