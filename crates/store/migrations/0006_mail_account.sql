-- The head of a mail account: narrow, and locked first by every write to the account.
CREATE TABLE mail_account (
    id BIGINT NOT NULL PRIMARY KEY,
    org_id BIGINT NOT NULL,
    -- NULL while nobody holds it (hand-over).
    member_id BIGINT,
    change_number BIGINT NOT NULL,
    used_bytes BIGINT NOT NULL,
    message_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX mail_account_by_member ON mail_account (org_id, member_id);
