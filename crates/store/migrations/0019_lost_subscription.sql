-- Names that an account is subscribed to and that name no mailbox, or no mailbox any longer (RFC 9051 §6.3.7). Those of mailboxes are marks on them.
CREATE TABLE lost_subscription (
    account_id BIGINT NOT NULL,
    -- The whole path, composed; INBOX in capitals.
    name TEXT NOT NULL,
    PRIMARY KEY (account_id, name)
) CLUSTERED;
-- The uid from which on no session of IMAP4rev1 was told of a message yet (RFC 3501's \Recent). Mailboxes older than this column have none: what is in
-- them then is not recent.
ALTER TABLE mailbox ADD COLUMN recent_from BIGINT;
