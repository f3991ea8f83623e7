-- Work that outlives a request: promised by the transaction that caused it, done under a lease, safe to repeat.
-- Rows that people watch are listed and stay when done; the others are the outbox and go when done.
CREATE TABLE job (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    listed BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    run_after BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT,
    cancel_requested BOOLEAN NOT NULL,
    progress_done BIGINT NOT NULL,
    progress_total BIGINT,
    result TEXT,
    error_code TEXT,
    error_params TEXT,
    created_by BIGINT,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    PRIMARY KEY (org_id, id)
);
-- What a worker may take next: queued and due, looked at one organisation after the other; or running with a lease that ran out.
CREATE INDEX job_due ON job (state, org_id, run_after, id);
CREATE INDEX job_lease ON job (state, lease_until);
CREATE INDEX job_listed ON job (org_id, listed, id);

-- Facts about this installation, such as the token of the set-up page.
CREATE TABLE installation (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
