-- The order by balance is for those who ask for it, by saying that contact_id > 0. On a young table PostgreSQL took this
-- index for as good as the key when it looked wallets up by contact, and walked all of them for each.
DROP INDEX ledger_wallet_balance;
CREATE INDEX ledger_wallet_balance ON ledger_wallet (tenant_id, code, balance, contact_id) WHERE contact_id > 0;
