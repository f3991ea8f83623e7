-- The file an export makes, for whoever asked for it, until the day is over.
CREATE TABLE export_file (
    org_id BIGINT NOT NULL,
    job_id BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    -- xlsx | csv
    format TEXT NOT NULL,
    -- JSON array of the chosen departments; empty for the whole organisation. Whoever downloads must still be allowed to export them.
    departments TEXT NOT NULL,
    created_by BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- NULL until the file is complete.
    size_bytes BIGINT,
    PRIMARY KEY (org_id, job_id)
);
CREATE INDEX export_file_expiry ON export_file (expires_at);

-- Its bytes, sealed part by part.
CREATE TABLE export_part (
    org_id BIGINT NOT NULL,
    job_id BIGINT NOT NULL,
    part BIGINT NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (org_id, job_id, part)
);
