-- 客户端专用密码: what a mail program signs in with in place of the member's own password.
CREATE TABLE client_password (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    identity_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    -- What its owner calls it: "Thunderbird at home".
    name TEXT NOT NULL,
    -- Keyed hash, with its algorithm tag.
    secret_hash BYTES NOT NULL,
    -- SCRAM-SHA-256 (RFC 5803): iterations, salt, StoredKey, ServerKey.
    scram_verifier TEXT NOT NULL,
    -- JSON array of protocols it opens.
    protocols TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    -- Kept to within a few minutes.
    last_used_at BIGINT,
    last_used_ip TEXT,
    last_used_protocol TEXT,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX client_password_secret ON client_password (identity_id, secret_hash);
