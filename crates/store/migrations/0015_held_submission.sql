-- 定时发送: messages that are to leave later. Until its moment nobody has the message and the queue knows nothing of it. The row goes when the message is
-- released or taken back, in the same transaction: whoever removes it has won.
CREATE TABLE held_submission (
    org_id BIGINT NOT NULL,
    -- What the queue will know it by.
    id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    -- When it leaves.
    release_at BIGINT NOT NULL,
    -- When a worker looks at it next: the moment it leaves, or a while after one that was interrupted.
    due_at BIGINT NOT NULL,
    blob_id BYTES NOT NULL,
    -- When the blob was recorded; the sweep finds who names it by this.
    blob_at BIGINT NOT NULL,
    -- JSON of mail::submission::held::Envelope: from whom, to whom, and what the sender wants to be told.
    envelope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX held_submission_by_account ON held_submission (account_id);
CREATE INDEX held_submission_due ON held_submission (due_at);
CREATE INDEX held_submission_by_blob ON held_submission (blob_at);

-- pending | final | canceled (RFC 8621 §7)
ALTER TABLE email_submission ADD COLUMN undo_status TEXT NOT NULL DEFAULT 'final';
