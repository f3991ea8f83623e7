-- What was expunged and can still be brought back: its row in `message` stays, and a row here says that it is no message any more.
ALTER TABLE mail_account ADD COLUMN removed_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mail_account ADD COLUMN removed_bytes BIGINT NOT NULL DEFAULT 0;

CREATE TABLE removed_message (
    account_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    removed_at BIGINT NOT NULL,
    -- Where it was last, and how it was marked there.
    mailbox_id BIGINT NOT NULL,
    flags BIGINT NOT NULL,
    keywords TEXT,
    size_bytes BIGINT NOT NULL,
    PRIMARY KEY (account_id, message_id)
) CLUSTERED;
CREATE INDEX removed_message_by_time ON removed_message (account_id, removed_at, message_id);
