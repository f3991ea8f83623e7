-- Annotations (RFC 5464) of mailboxes, and with mailbox 0 of what an account keeps on the server for itself.
CREATE TABLE mailbox_metadata (
    account_id BIGINT NOT NULL,
    mailbox_id BIGINT NOT NULL,
    -- The name in lower case: names differ without regard to case.
    name_key TEXT NOT NULL,
    name TEXT NOT NULL,
    -- NULL: removed. The latest of these are kept, so that other sessions can be told.
    value BYTES,
    change_number BIGINT NOT NULL,
    PRIMARY KEY (account_id, mailbox_id, name_key)
) CLUSTERED;
CREATE INDEX mailbox_metadata_by_change ON mailbox_metadata (account_id, change_number);
