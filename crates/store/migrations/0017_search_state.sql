-- How far the full-text index holds the messages of an account: those up to `indexed_to`, less those that were gone by change `removed_to`. True only
-- while the index still has that generation, with at least that many commits. No row: nothing is indexed.
CREATE TABLE search_state (
    account_id BIGINT NOT NULL,
    shard BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    commits BIGINT NOT NULL,
    indexed_to BIGINT NOT NULL,
    removed_to BIGINT NOT NULL,
    PRIMARY KEY (account_id)
) CLUSTERED;
