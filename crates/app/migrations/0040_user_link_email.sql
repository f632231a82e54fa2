ALTER TABLE user_link ADD COLUMN email TEXT; -- of the purpose address: what the link proves
