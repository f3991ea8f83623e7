-- Where the bytes of a blob lie. The id is a keyed hash, so that one organisation cannot probe for another's.
CREATE TABLE blob (
    org_id BIGINT NOT NULL,
    blob_id BYTES NOT NULL,
    pack_id BIGINT NOT NULL,
    pack_offset BIGINT NOT NULL,
    stored_bytes BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Set by the sweeper when nothing names the blob; cleared by whoever names it again.
    marked_at BIGINT,
    PRIMARY KEY (org_id, blob_id)
);
-- Covers the sum of live bytes in a pack, by which compaction chooses.
CREATE INDEX blob_by_pack ON blob (pack_id, stored_bytes);
CREATE INDEX blob_marked ON blob (marked_at) WHERE marked_at IS NOT NULL;
