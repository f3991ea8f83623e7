CREATE TABLE audit_event (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- nobody | member | operator | system
    actor_kind TEXT NOT NULL,
    actor_id BIGINT,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id BIGINT,
    target_name TEXT NOT NULL,
    -- JSON objects of the changed fields; never secrets.
    before_values TEXT,
    after_values TEXT,
    ip TEXT,
    request_id TEXT NOT NULL,
    -- Place in the organisation's chain and the keyed hash up to here; NULL until the sealer has come by.
    seal_number BIGINT,
    seal BYTES,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX audit_event_chain ON audit_event (org_id, seal_number) WHERE seal_number IS NOT NULL;
CREATE INDEX audit_event_unsealed ON audit_event (org_id, id) WHERE seal_number IS NULL;
CREATE INDEX audit_event_target ON audit_event (org_id, target_kind, target_id, id);

CREATE TABLE audit_checkpoint (
    org_id BIGINT NOT NULL,
    seal_number BIGINT NOT NULL,
    seal BYTES NOT NULL,
    signature BYTES NOT NULL,
    signed_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, seal_number)
);
