CREATE TABLE organisation (
    id BIGINT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    language TEXT NOT NULL,
    member_limit BIGINT,
    -- Password policy, required fields and the like: JSON of directory::organisations::Settings.
    settings TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE domain (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    is_default BOOLEAN NOT NULL,
    verification_token TEXT NOT NULL,
    verified_at BIGINT,
    -- Made usable without DNS, for tests and closed networks.
    assumed BOOLEAN NOT NULL,
    last_checked_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- A domain its owner lets another organisation use: one government platform, many units.
CREATE TABLE domain_grant (
    org_id BIGINT NOT NULL,
    domain_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, domain_id)
);
CREATE INDEX domain_grant_by_domain ON domain_grant (domain_id);

-- Every organisation has one root department (parent_id 0) that carries its name; paths are written below it.
CREATE TABLE department (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    parent_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    identifier TEXT NOT NULL,
    sort_order BIGINT NOT NULL,
    member_limit BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, parent_id, name_key),
    UNIQUE (org_id, parent_id, identifier)
);
CREATE INDEX department_limited ON department (org_id) WHERE member_limit IS NOT NULL;

CREATE TABLE department_leader (
    org_id BIGINT NOT NULL,
    department_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    rank BIGINT NOT NULL,
    PRIMARY KEY (org_id, department_id, member_id)
);
CREATE INDEX department_leader_member ON department_leader (org_id, member_id);

CREATE TABLE service_class (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    -- NULL is unlimited.
    mail_quota_bytes BIGINT,
    drive_quota_bytes BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    UNIQUE (org_id, name_key)
);

CREATE TABLE member (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    -- person | function
    kind TEXT NOT NULL,
    -- enterprise | personal
    account_kind TEXT NOT NULL,
    identity_id BIGINT,
    account_name TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Orders names as people expect: pinyin of Chinese, then the name itself.
    name_sort TEXT NOT NULL,
    nickname TEXT,
    gender TEXT,
    birthday TEXT,
    alternate_address TEXT,
    mobile TEXT,
    home_phone TEXT,
    office_phone TEXT,
    employee_number TEXT,
    join_date TEXT,
    supervisor_id BIGINT,
    office_location TEXT,
    remarks TEXT,
    -- JSON object of custom fields.
    custom_fields TEXT NOT NULL,
    visible_in_directory BOOLEAN NOT NULL,
    sort_order BIGINT NOT NULL,
    service_class_id BIGINT NOT NULL,
    mail_account_id BIGINT,
    extra_mail_quota_bytes BIGINT NOT NULL,
    extra_drive_quota_bytes BIGINT NOT NULL,
    expires_on TEXT,
    created_at BIGINT NOT NULL,
    activated_at BIGINT,
    suspended_at BIGINT,
    locked_at BIGINT,
    leaving_since BIGINT,
    recycled_at BIGINT,
    -- JSON: departments and leaderships of a member in the recycle bin, for its return.
    recycled_places TEXT,
    last_sign_in_at BIGINT,
    version BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
-- A member in the recycle bin keeps these values but no longer stands in the way of others who want them.
CREATE UNIQUE INDEX member_account_name ON member (org_id, account_name) WHERE recycled_at IS NULL;
CREATE UNIQUE INDEX member_mobile ON member (org_id, mobile) WHERE mobile IS NOT NULL AND recycled_at IS NULL;
CREATE UNIQUE INDEX member_employee_number ON member (org_id, employee_number) WHERE employee_number IS NOT NULL AND recycled_at IS NULL;
CREATE INDEX member_by_name ON member (org_id, name_sort, id);
CREATE INDEX member_by_sort_order ON member (org_id, sort_order, id);
CREATE INDEX member_by_age ON member (org_id, created_at, id);
CREATE INDEX member_by_identity ON member (identity_id);
CREATE INDEX member_not_activated ON member (org_id, id) WHERE activated_at IS NULL;

-- What the quick search looks through: folded name, full pinyin, initials, account name, addresses, mobile, employee number.
CREATE TABLE member_search (
    org_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (org_id, member_id)
);

-- Members outside the recycle bin; each has one main department.
CREATE TABLE department_member (
    org_id BIGINT NOT NULL,
    department_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    is_main BOOLEAN NOT NULL,
    position TEXT,
    rank TEXT,
    -- Place among the departments of the member.
    sort_order BIGINT NOT NULL,
    PRIMARY KEY (org_id, department_id, member_id)
);
CREATE UNIQUE INDEX department_member_main ON department_member (org_id, member_id) WHERE is_main;
CREATE INDEX department_member_by_member ON department_member (org_id, member_id);

-- Every address of every kind is one row here, so that no two things ever share one.
CREATE TABLE address (
    domain_id BIGINT NOT NULL,
    local_part TEXT NOT NULL,
    org_id BIGINT NOT NULL,
    -- primary | alias | group | department | shared | held
    kind TEXT NOT NULL,
    member_id BIGINT,
    -- What a held address was before, and since when it is held.
    held_kind TEXT,
    held_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (domain_id, local_part)
);
CREATE INDEX address_by_member ON address (org_id, member_id);

CREATE TABLE administrator (
    org_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    -- owner | org_admin
    role TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, member_id)
);
