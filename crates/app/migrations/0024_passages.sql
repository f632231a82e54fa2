-- How often steps of scenarios were gone through, by day of the company. Counted in memory and added every few seconds.
CREATE TABLE scenario_passage (
    tenant_id   BIGINT NOT NULL,
    scenario_id BIGINT NOT NULL,
    day         BIGINT NOT NULL, -- days since 1970
    step        TEXT   NOT NULL, -- '' for the beginning
    port        TEXT   NOT NULL, -- how it was left; '' when it was entered; of the beginning the trigger's number, from 0
    version     BIGINT NOT NULL,
    times       BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, scenario_id, day, step, port, version)
);
