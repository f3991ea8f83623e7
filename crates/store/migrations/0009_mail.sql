-- Mail. Every key begins with the account. Mailboxes, messages and threads are numbered by one counter on the account's head.
ALTER TABLE mail_account ADD COLUMN next_number BIGINT NOT NULL DEFAULT 1;
-- The last UIDVALIDITY given: a mailbox made again under an old name gets a higher one.
ALTER TABLE mail_account ADD COLUMN last_uid_validity BIGINT NOT NULL DEFAULT 0;
