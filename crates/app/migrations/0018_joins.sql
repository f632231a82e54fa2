-- Whoever was known before they wrote to a bot, and was taken in by the contact that writes. Such a row is empty and
-- has staff_side set, so that it is in no list; its card leads to the contact that took it in.
ALTER TABLE contact ADD COLUMN joined_into BIGINT;
