-- What clients have uploaded and not yet put into a message; removed after a day.
CREATE TABLE upload (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    org_id BIGINT NOT NULL,
    blob_id BYTES NOT NULL,
    content_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX upload_by_blob ON upload (org_id, blob_id);
CREATE INDEX upload_by_age ON upload (created_at);

-- Who a member writes as: a row for each of its addresses, and more where it wants several names for one.
CREATE TABLE email_identity (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    -- JSON lists of addresses; NULL is none.
    reply_to TEXT,
    bcc TEXT,
    text_signature TEXT NOT NULL,
    html_signature TEXT NOT NULL,
    created_change BIGINT NOT NULL,
    changed_change BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE TABLE email_identity_tombstone (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    created_change BIGINT NOT NULL,
    change_number BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);

-- What a client has handed in to be sent: kept for the client, while the queue does the work.
CREATE TABLE email_submission (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    identity_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    -- JSON of mail::email_submissions::SentEnvelope.
    envelope TEXT NOT NULL,
    -- What the queue knows it by.
    queued_as BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    created_change BIGINT NOT NULL,
    changed_change BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX email_submission_by_change ON email_submission (account_id, changed_change);
CREATE TABLE email_submission_tombstone (
    account_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    created_change BIGINT NOT NULL,
    change_number BIGINT NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX email_submission_tombstone_by_change ON email_submission_tombstone (account_id, change_number);
