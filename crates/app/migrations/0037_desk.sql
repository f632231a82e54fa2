-- SQLite makes a table of the three states of an IN for every row that is written; two comparisons it just makes.
DROP INDEX outbound_desk;
CREATE INDEX outbound_desk ON outbound (tenant_id, state, id) WHERE state <> 1 AND state <> 2;
