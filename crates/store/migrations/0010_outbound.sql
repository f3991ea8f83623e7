-- 发送队列: mail on its way to other servers. A message is one row; each of its recipients is one, which is leased, tried and settled by itself.
CREATE TABLE queue_message (
    org_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    -- Whose message it is; notices about it go there. NULL: nobody is told.
    account_id BIGINT,
    -- Empty for the null path.
    reverse_path TEXT NOT NULL,
    blob_id BYTES NOT NULL,
    -- When the blob was recorded; the sweep finds who names it by this.
    blob_at BIGINT NOT NULL,
    -- Header lines that go before the blob: signatures and trace.
    prefix BYTES NOT NULL,
    -- Of prefix and blob together.
    size_bytes BIGINT NOT NULL,
    -- What the next hop must be able to take: 7bit | 8bit | utf8
    content TEXT NOT NULL,
    -- What comes back with a notice of failure: full | headers
    ret TEXT NOT NULL,
    envelope_id TEXT,
    created_at BIGINT NOT NULL,
    -- NULL while a recipient waits.
    finished_at BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX queue_message_open ON queue_message (org_id, id) WHERE finished_at IS NULL;
CREATE INDEX queue_message_finished ON queue_message (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX queue_message_by_blob ON queue_message (blob_at);

CREATE TABLE queue_recipient (
    org_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    -- Its place among the recipients.
    number BIGINT NOT NULL,
    address TEXT NOT NULL,
    -- What comes after the @; all mail to one domain takes the same way.
    domain TEXT NOT NULL,
    -- 1: success, 2: failure, 4: delay.
    notify BIGINT NOT NULL,
    -- ORCPT, as the sender wrote it.
    original TEXT,
    -- queued | delivered | failed | expired | removed
    state TEXT NOT NULL,
    -- When it is tried next; while a worker has it, when its lease runs out.
    due_at BIGINT NOT NULL,
    lease_owner TEXT,
    attempts BIGINT NOT NULL,
    -- When the sender was told that it takes long.
    delay_told_at BIGINT,
    -- What was answered last, by whom and when.
    answered_at BIGINT,
    answer_host TEXT,
    answer_code BIGINT,
    answer_status TEXT,
    answer_text TEXT,
    finished_at BIGINT,
    PRIMARY KEY (org_id, message_id, number)
);
CREATE INDEX queue_recipient_due ON queue_recipient (due_at, domain) WHERE state = 'queued';
CREATE INDEX queue_recipient_by_domain ON queue_recipient (domain, due_at) WHERE state = 'queued';
CREATE INDEX queue_recipient_leased ON queue_recipient (lease_owner) WHERE lease_owner IS NOT NULL;

-- What messages from a domain are signed with. The private key is sealed.
CREATE TABLE dkim_key (
    org_id BIGINT NOT NULL,
    domain_id BIGINT NOT NULL,
    selector TEXT NOT NULL,
    -- rsa | ed25519
    algorithm TEXT NOT NULL,
    sealed_private_key BYTES NOT NULL,
    -- As it stands in the DNS record, before base64.
    public_key BYTES NOT NULL,
    created_at BIGINT NOT NULL,
    -- When it stopped being signed with; its record stays in DNS for a while.
    retired_at BIGINT,
    PRIMARY KEY (org_id, domain_id, selector)
);
CREATE UNIQUE INDEX dkim_key_in_use ON dkim_key (domain_id, algorithm) WHERE retired_at IS NULL;
