-- When a message entered the mailbox (RFC 8514), where that is not when it was received: most rows have none. Rows older than this column answer
-- when their message was received.
ALTER TABLE mailbox_entry ADD COLUMN saved_at BIGINT;
