-- POP3. The maildrop of an account, which is its INBOX, belongs to one session at a time: to whoever holds this row until the lease ends.
CREATE TABLE maildrop_lock (
    account_id BIGINT NOT NULL,
    holder TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    PRIMARY KEY (account_id)
) CLUSTERED;

-- What POP3 says of a message where that does not follow from its row; most messages have none.
CREATE TABLE maildrop_message (
    account_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    -- The unique id that the message had on the server it was brought from.
    unique_id TEXT,
    -- Octets that are sent beyond the size: for line ends that are not CRLF, or missing.
    more_bytes BIGINT NOT NULL,
    PRIMARY KEY (account_id, message_id)
) CLUSTERED;
CREATE UNIQUE INDEX maildrop_message_unique_id ON maildrop_message (account_id, unique_id) WHERE unique_id IS NOT NULL;
-- The same of a message on its way to several accounts.
ALTER TABLE ingress ADD COLUMN more_bytes BIGINT NOT NULL DEFAULT 0;
