CREATE TABLE import (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    -- uploading | uploaded | planning | planned | applying | applied | undoing | undone | cancelled | failed
    state TEXT NOT NULL,
    file_name TEXT NOT NULL,
    file_bytes BIGINT NOT NULL,
    -- JSON of lifecycle::imports::Options.
    options TEXT NOT NULL,
    -- JSON: sheet, heading row, recognised and unknown columns.
    layout TEXT,
    error_code TEXT,
    error_params TEXT,
    -- Rows by outcome, kept here so that nobody has to count them.
    rows_create BIGINT NOT NULL,
    rows_update BIGINT NOT NULL,
    rows_move BIGINT NOT NULL,
    rows_unchanged BIGINT NOT NULL,
    rows_conflict BIGINT NOT NULL,
    rows_error BIGINT NOT NULL,
    rows_applied BIGINT NOT NULL,
    rows_failed BIGINT NOT NULL,
    rows_undone BIGINT NOT NULL,
    -- Grows with every edit of a row, so that two edits at once do not undo each other.
    plan_version BIGINT NOT NULL,
    job_id BIGINT,
    created_by BIGINT,
    created_at BIGINT NOT NULL,
    planned_at BIGINT,
    applied_at BIGINT,
    undone_at BIGINT,
    -- When generated initial passwords were fetched or expired.
    passwords_fetched_at BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX import_by_age ON import (created_at);

-- The upload, sealed part by part; gone in the transaction that finishes the plan.
CREATE TABLE import_upload (
    org_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    part BIGINT NOT NULL,
    sealed BYTES NOT NULL,
    PRIMARY KEY (org_id, import_id, part)
);

CREATE TABLE import_row (
    org_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    -- As the spreadsheet program shows it.
    row_number BIGINT NOT NULL,
    -- create | update | move | unchanged | conflict | error
    outcome TEXT NOT NULL,
    -- JSON array of the cells as they stood in the file, without password cells.
    cells TEXT NOT NULL,
    -- JSON object of the values the row gives the member.
    planned_values TEXT NOT NULL,
    -- What no two rows of a file may share, one a line: m, a, n, e or i, and the value.
    row_keys TEXT NOT NULL,
    -- JSON array of { column, code, params }.
    errors TEXT NOT NULL,
    -- JSON object: column -> [old, new].
    changes TEXT NOT NULL,
    member_id BIGINT,
    -- Keyed hash of an initial password given in the file.
    initial_password_hash BYTES,
    -- NULL until the row was applied: applied | failed | skipped | undone | kept
    result TEXT,
    PRIMARY KEY (org_id, import_id, row_number)
);
CREATE INDEX import_row_outcome ON import_row (org_id, import_id, outcome, row_number);

-- Departments an import made on its way, so that undoing it can take them away again.
CREATE TABLE import_department (
    org_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    department_id BIGINT NOT NULL,
    depth BIGINT NOT NULL,
    PRIMARY KEY (org_id, import_id, department_id)
);

-- Generated initial passwords, sealed, until their one download; 24 hours at most.
CREATE TABLE import_password (
    org_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    sealed_password BYTES NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, import_id, row_number)
);
CREATE INDEX import_password_expiry ON import_password (expires_at);

-- One import at a time writes to an organisation's directory.
CREATE TABLE import_lock (
    org_id BIGINT NOT NULL PRIMARY KEY,
    import_id BIGINT NOT NULL,
    taken_at BIGINT NOT NULL
);
