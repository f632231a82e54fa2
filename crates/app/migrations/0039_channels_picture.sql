-- The picture that people see beside a bot's name, as its messenger had it when the channel was connected last.
CREATE TABLE channels_picture (
    tenant_id  BIGINT NOT NULL,
    channel_id BIGINT NOT NULL,
    media_type TEXT   NOT NULL,
    sha256     TEXT   NOT NULL,
    bytes      BYTEA  NOT NULL,
    PRIMARY KEY (tenant_id, channel_id)
);
