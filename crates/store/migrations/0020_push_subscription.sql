-- An address that is told when something changes (RFC 8620 §7.2). Removing the row removes the address and the keys.
CREATE TABLE push_subscription (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    identity_id BIGINT NOT NULL,
    -- NULL for a member without mail, who hears of nothing but the verification.
    account_id BIGINT,
    -- What it was made with, as identity::credentials writes it; it ends with that.
    credential TEXT NOT NULL,
    device_client_id TEXT NOT NULL,
    -- JSON of lifecycle::push_subscriptions::PushTarget, sealed.
    sealed_target BYTES NOT NULL,
    -- JSON array of names; NULL for all.
    types TEXT,
    verification_code TEXT NOT NULL,
    -- new (the code is to be sent) | asked (it was) | verified
    stage TEXT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    -- The change number up to which the client was told.
    told BIGINT NOT NULL,
    -- Nothing is sent before: somebody is sending, or there is a pause after a push or a failure.
    due_at BIGINT NOT NULL,
    -- Pushes that failed one after the other.
    failures BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX push_subscription_by_identity ON push_subscription (identity_id);
CREATE INDEX push_subscription_by_account ON push_subscription (account_id);
CREATE INDEX push_subscription_by_stage ON push_subscription (stage, created_at);

-- How many subscriptions a member has made lately, those included that are gone: each makes the server send something to an address of the client's.
CREATE TABLE push_subscriptions_made (
    org_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    -- When the counting began.
    since BIGINT NOT NULL,
    made BIGINT NOT NULL,
    PRIMARY KEY (org_id, member_id)
);
