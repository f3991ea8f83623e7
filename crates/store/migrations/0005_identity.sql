CREATE TABLE identity (
    id BIGINT NOT NULL PRIMARY KEY,
    -- The organisation an enterprise account's identity belongs to; NULL for a person's own.
    org_id BIGINT,
    -- PHC string (argon2id); NULL until a password was chosen.
    password_hash TEXT,
    password_changed_at BIGINT,
    -- Keyed hash of an initial password, with its algorithm tag: it opens the page that chooses a new password and nothing else.
    initial_password_hash BYTES,
    initial_password_expires_at BIGINT,
    must_change_password BOOLEAN NOT NULL,
    -- JSON array of the hashes of former passwords, newest first.
    former_password_hashes TEXT NOT NULL,
    phone TEXT,
    -- unverified | verified | taken | changed
    phone_state TEXT,
    recovery_phone TEXT,
    -- Grows when every session must end.
    session_epoch BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE session (
    id BIGINT NOT NULL PRIMARY KEY,
    -- Hash of the cookie's token.
    token_hash BYTES NOT NULL UNIQUE,
    identity_id BIGINT NOT NULL,
    org_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    -- account | console
    realm TEXT NOT NULL,
    -- full | choose_password
    stage TEXT NOT NULL,
    session_epoch BIGINT NOT NULL,
    ip TEXT,
    user_agent TEXT,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    -- When the session ends in any case.
    expires_at BIGINT NOT NULL,
    -- When it ends unless it is used; moves on with every use, never beyond the other.
    idle_expires_at BIGINT NOT NULL,
    -- Asked to stay signed in on this device.
    remembered BOOLEAN NOT NULL
);
CREATE INDEX session_by_identity ON session (identity_id, created_at);
CREATE INDEX session_idle_expiry ON session (idle_expires_at);

-- Failed guesses, counted by a keyed hash of what was guessed at and from where. Counts leak away with time.
CREATE TABLE sign_in_throttle (
    subject BYTES NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    -- Up to when the leak has been taken off the count.
    counted_at BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL,
    -- When nothing of the row matters any more.
    forget_at BIGINT NOT NULL
);
CREATE INDEX sign_in_throttle_forget ON sign_in_throttle (forget_at);
