-- Mail. Every key begins with the account. Mailboxes, messages and threads are numbered by one counter on the account's head, which never
-- gives a number twice; `change_number` counts the writes, and every row carries the number of the write that touched it last.
ALTER TABLE mail_account ADD COLUMN next_number BIGINT NOT NULL DEFAULT 1;
-- The last UIDVALIDITY given: a mailbox made again under an old name gets a higher one.
ALTER TABLE mail_account ADD COLUMN last_uid_validity BIGINT NOT NULL DEFAULT 0;
-- Tombstones of changes after this one are complete; what changed since an earlier one cannot be told any more.
ALTER TABLE mail_account ADD COLUMN history_from BIGINT NOT NULL DEFAULT 0;

CREATE TABLE mailbox (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    -- 0 at the top.
    parent_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- What is unique among siblings: the name, and INBOX for every spelling of it.
    name_key TEXT NOT NULL,
    -- inbox | drafts | sent | junk | trash | archive
    role TEXT,
    uid_validity BIGINT NOT NULL,
    uid_next BIGINT NOT NULL,
    total BIGINT NOT NULL,
    -- Without \Seen, as IMAP counts; and with neither \Seen nor \Draft, as JMAP does.
    unseen BIGINT NOT NULL,
    unread BIGINT NOT NULL,
    total_threads BIGINT NOT NULL,
    -- Threads of which an entry here is unread.
    unread_threads BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    -- The highest change of an entry, or of an entry's going: HIGHESTMODSEQ.
    change_number BIGINT NOT NULL,
    created_change BIGINT NOT NULL,
    -- Name, place, role and the like; and the counts.
    changed_change BIGINT NOT NULL,
    counted_change BIGINT NOT NULL,
    subscribed BOOLEAN NOT NULL,
    sort_order BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
) CLUSTERED;
CREATE UNIQUE INDEX mailbox_name ON mailbox (account_id, parent_id, name_key);
CREATE UNIQUE INDEX mailbox_role ON mailbox (account_id, role) WHERE role IS NOT NULL;

CREATE TABLE mailbox_tombstone (
    account_id BIGINT NOT NULL,
    change_number BIGINT NOT NULL,
    id BIGINT NOT NULL,
    created_change BIGINT NOT NULL,
    -- Days since 1970: when it may be forgotten.
    gone_on BIGINT NOT NULL,
    PRIMARY KEY (account_id, change_number, id)
) CLUSTERED;

-- Never changed. Its bytes are those of the prefix (header lines of this delivery) and the blob after them.
CREATE TABLE message (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    created_change BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    sent_at BIGINT,
    has_attachment BOOLEAN NOT NULL,
    blob_id BYTES NOT NULL,
    -- When the blob was recorded: with it the sweep finds who names a blob by an index that only grows at its end.
    blob_at BIGINT NOT NULL,
    prefix BYTES NOT NULL,
    -- As IMAP sends them.
    envelope BYTES NOT NULL,
    body_structure BYTES NOT NULL,
    -- JSON of mail::mime::Summary.
    summary TEXT NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX message_by_blob ON message (blob_at);

CREATE TABLE message_tombstone (
    account_id BIGINT NOT NULL,
    change_number BIGINT NOT NULL,
    id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    created_change BIGINT NOT NULL,
    gone_on BIGINT NOT NULL,
    PRIMARY KEY (account_id, change_number, id)
) CLUSTERED;

-- What a mailbox holds. Thread, time and size are those of the message, repeated for lists and counts.
CREATE TABLE mailbox_entry (
    account_id BIGINT NOT NULL,
    mailbox_id BIGINT NOT NULL,
    uid BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    -- Bits of mail::FlagBits; 1 is \Seen, 16 is \Draft.
    flags BIGINT NOT NULL,
    -- All other keywords, divided by spaces.
    keywords TEXT,
    received_at BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    change_number BIGINT NOT NULL,
    PRIMARY KEY (account_id, mailbox_id, uid)
) CLUSTERED;
-- The messages of a thread, and the entries of a message of it.
CREATE INDEX mailbox_entry_by_thread ON mailbox_entry (account_id, thread_id, message_id);
CREATE INDEX mailbox_entry_by_change ON mailbox_entry (account_id, change_number, message_id);
-- Holds the thread, too, so that a page deep in a list of threads is found without a look at the rows before it.
CREATE INDEX mailbox_entry_by_time ON mailbox_entry (account_id, mailbox_id, received_at, uid, thread_id);
-- What EXPUNGE looks for; nearly always empty.
CREATE INDEX mailbox_entry_deleted ON mailbox_entry (account_id, mailbox_id, uid) WHERE (flags & 8) <> 0;

CREATE TABLE entry_tombstone (
    account_id BIGINT NOT NULL,
    change_number BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    mailbox_id BIGINT NOT NULL,
    uid BIGINT NOT NULL,
    gone_on BIGINT NOT NULL,
    PRIMARY KEY (account_id, change_number, message_id, mailbox_id, uid)
) CLUSTERED;

-- Hash of one Message-ID of a message or its references, together with the base subject → its thread.
CREATE TABLE thread_reference (
    account_id BIGINT NOT NULL,
    reference_hash BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    PRIMARY KEY (account_id, reference_hash)
) CLUSTERED;

-- A message that was accepted for several accounts and is on its way into them.
CREATE TABLE ingress (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    blob_id BYTES NOT NULL,
    blob_at BIGINT NOT NULL,
    prefix BYTES NOT NULL,
    -- Whom to tell when it cannot be delivered; empty is nobody.
    return_path TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    sent_at BIGINT,
    has_attachment BOOLEAN NOT NULL,
    envelope BYTES NOT NULL,
    body_structure BYTES NOT NULL,
    summary TEXT NOT NULL,
    -- What threads are found by: 8 bytes for each hash.
    reference_hashes BYTES NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX ingress_by_blob ON ingress (blob_at);
CREATE TABLE ingress_recipient (
    org_id BIGINT NOT NULL,
    ingress_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    address TEXT NOT NULL,
    -- A mailbox, or 0 and a role.
    mailbox_id BIGINT NOT NULL,
    role TEXT,
    flags BIGINT NOT NULL,
    -- The caller's own words about this recipient, given back with a refusal.
    note TEXT,
    -- Why it could not be delivered, until that was told to the sender.
    refused TEXT,
    PRIMARY KEY (org_id, ingress_id, account_id)
) CLUSTERED;
