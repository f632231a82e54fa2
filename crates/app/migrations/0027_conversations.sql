-- A conversation with a contact by a channel, as people of the company see it in their list. Written in the unit that
-- changes what they see, once for all that is said in it.
CREATE TABLE conversation (
    tenant_id     BIGINT NOT NULL,
    contact_id    BIGINT NOT NULL,
    channel_id    BIGINT NOT NULL,
    state         BIGINT NOT NULL DEFAULT 0,  -- 0 the bot talks, 1 waits for anybody, 2 somebody's, 3 closed
    assignee      BIGINT,                     -- staff
    unread        BIGINT NOT NULL DEFAULT 0,  -- what the contact said since somebody of the team looked
    waiting_since BIGINT,                     -- the first words of the contact that nobody answered
    answered_at   BIGINT,                     -- when somebody of the company answered last
    reason        TEXT   NOT NULL DEFAULT '', -- what a person was called for
    snoozed_until BIGINT,
    last_at       BIGINT NOT NULL,
    last_by       BIGINT NOT NULL DEFAULT 0,  -- 0 the contact, 1 the bot, 2 a person of the company
    last_media    BIGINT NOT NULL DEFAULT 0,  -- 0 none, 1 a picture, 2 a file
    last_text     TEXT   NOT NULL DEFAULT '', -- its beginning
    revision      BIGINT NOT NULL DEFAULT 0,  -- of whose it is
    PRIMARY KEY (tenant_id, contact_id, channel_id)
);
CREATE INDEX conversation_list ON conversation (tenant_id, state, last_at, contact_id, channel_id);
CREATE INDEX conversation_mine ON conversation (tenant_id, assignee, last_at, contact_id, channel_id)
    WHERE assignee IS NOT NULL;

-- Those that wait or are talked in go on; the rest begins with where people were met last.
INSERT INTO conversation (tenant_id, contact_id, channel_id, state, waiting_since, answered_at, reason, last_at)
SELECT tenant_id, contact_id, channel_id, 1, CASE WHEN answered_at IS NULL THEN since END, answered_at, reason,
    COALESCE(answered_at, since)
FROM conversation_waiting;
INSERT INTO conversation (tenant_id, contact_id, channel_id, last_at)
SELECT s.tenant_id, s.contact_id, s.channel_id, s.updated_at FROM session s
JOIN contact c ON c.tenant_id = s.tenant_id AND c.id = s.contact_id
WHERE c.staff_side = FALSE ON CONFLICT DO NOTHING;

-- What contacts write is kept to be searched, beside what is said while people talk; and notes of the team, and what
-- was done with the conversation.
ALTER TABLE conversation_line ADD COLUMN kind BIGINT NOT NULL DEFAULT 0; -- 0 said, 1 a note, 2 done: text is what
ALTER TABLE conversation_line ADD COLUMN text_key TEXT NOT NULL DEFAULT ''; -- the text as it is searched

-- Answers that are ready to be said.
CREATE TABLE conversation_reply (
    tenant_id  BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    staff_id   BIGINT,          -- whose own; everybody's when there is none
    name       TEXT   NOT NULL, -- what is typed after the slash
    text       TEXT   NOT NULL,
    revision   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- A person's conversation is read from the queues.
CREATE INDEX inbound_contact ON inbound (tenant_id, contact_id, received_at, dedup)
    WHERE contact_id IS NOT NULL AND source = 'update';
CREATE INDEX outbound_contact ON outbound (tenant_id, contact_id, created_at, id);
