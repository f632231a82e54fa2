-- Pictures that a company shows: of its catalogue, behind its cards. The bytes are a file.
CREATE TABLE pictures_picture (
    tenant_id  BIGINT NOT NULL,
    file_id    BIGINT NOT NULL,
    width      BIGINT NOT NULL, -- in pixels
    height     BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, file_id)
);

-- How many deals stand at each stage and what they are worth, read from the index alone.
CREATE INDEX deals_deal_totals ON deals_deal (tenant_id, pipeline_id, stage, responsible, sum);
