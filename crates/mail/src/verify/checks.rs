//! The checks. Each statement answers the rows that are wrong.

pub(super) struct Check {
    pub(super) what: &'static str,
    pub(super) sql: &'static str,
    /// How many numbers tell the place.
    pub(super) columns: usize,
    /// Goes through the messages in pages, from number `$2` to before `$3`: it looks up something for each of them, which for all at once would
    /// take longer than a statement may.
    pub(super) paged: bool,
}

/// What does not belong to one account.
pub(super) const INSTALLATION_CHECKS: [Check; 5] = [
    Check {
        what: "mailbox_without_account",
        sql: "SELECT b.account_id, b.id FROM mailbox b WHERE NOT EXISTS (SELECT 1 FROM mail_account a WHERE a.id = b.account_id)",
        columns: 2,
        paged: false,
    },
    Check {
        what: "ingress_blob_missing",
        sql: "SELECT i.id FROM ingress i WHERE NOT EXISTS
                (SELECT 1 FROM blob b WHERE b.org_id = i.org_id AND b.blob_id = i.blob_id AND b.created_at = i.blob_at AND b.size_bytes = i.size_bytes)",
        columns: 1,
        paged: false,
    },
    Check {
        what: "held_blob_missing",
        sql: "SELECT h.id FROM held_submission h WHERE NOT EXISTS
                (SELECT 1 FROM blob b WHERE b.org_id = h.org_id AND b.blob_id = h.blob_id AND b.created_at = h.blob_at)",
        columns: 1,
        paged: false,
    },
    Check {
        what: "ingress_for_nobody",
        // Between the delivery to the last recipient and the end of the job that delivers, it is there for nobody.
        sql: "SELECT i.id FROM ingress i WHERE NOT EXISTS (SELECT 1 FROM ingress_recipient r WHERE r.org_id = i.org_id AND r.ingress_id = i.id)
                 AND NOT EXISTS (SELECT 1 FROM job j WHERE j.org_id = i.org_id AND j.kind = 'mail.fan_out' AND j.state IN ('queued', 'running'))",
        columns: 1,
        paged: false,
    },
    Check {
        what: "recipient_of_nothing",
        sql: "SELECT r.ingress_id, r.account_id FROM ingress_recipient r WHERE NOT EXISTS
                (SELECT 1 FROM ingress i WHERE i.org_id = r.org_id AND i.id = r.ingress_id)",
        columns: 2,
        paged: false,
    },
];

pub(super) const ACCOUNT_CHECKS: [Check; 19] = [
    Check {
        what: "account_usage",
        sql: "SELECT a.message_count, a.used_bytes FROM mail_account a WHERE a.id = $1 AND
                (a.message_count + a.removed_count <> (SELECT COUNT(*) FROM message WHERE account_id = $1) OR
                 a.used_bytes + a.removed_bytes <> (SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM message WHERE account_id = $1) OR
                 a.removed_count <> (SELECT COUNT(*) FROM removed_message WHERE account_id = $1) OR
                 a.removed_bytes <> (SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM removed_message WHERE account_id = $1))",
        columns: 2,
        paged: false,
    },
    Check {
        what: "number_given_again",
        sql: "SELECT a.next_number FROM mail_account a WHERE a.id = $1 AND a.next_number <=
                COALESCE((SELECT MAX(n.id) FROM (SELECT MAX(id) AS id FROM message WHERE account_id = $1
                                                 UNION ALL SELECT MAX(id) AS id FROM mailbox WHERE account_id = $1
                                                 UNION ALL SELECT MAX(thread_id) AS id FROM mailbox_entry WHERE account_id = $1) n), 0)",
        columns: 1,
        paged: false,
    },
    Check {
        what: "mailbox_counts",
        sql: "SELECT b.id FROM mailbox b LEFT JOIN
                (SELECT mailbox_id, COUNT(*) AS total, COUNT(CASE WHEN (flags & 1) = 0 THEN 1 END) AS unseen,
                        COUNT(CASE WHEN (flags & 17) = 0 THEN 1 END) AS unread, CAST(SUM(size_bytes) AS BIGINT) AS size_bytes
                   FROM mailbox_entry WHERE account_id = $1 GROUP BY mailbox_id) e ON e.mailbox_id = b.id
               WHERE b.account_id = $1 AND (b.total <> COALESCE(e.total, 0) OR b.unseen <> COALESCE(e.unseen, 0)
                  OR b.unread <> COALESCE(e.unread, 0) OR b.size_bytes <> COALESCE(e.size_bytes, 0))",
        columns: 1,
        paged: false,
    },
    Check {
        what: "mailbox_threads",
        sql: "SELECT b.id FROM mailbox b LEFT JOIN
                (SELECT mailbox_id, COUNT(DISTINCT thread_id) AS total,
                        COUNT(DISTINCT CASE WHEN (flags & 17) = 0 THEN thread_id END) AS unread
                   FROM mailbox_entry WHERE account_id = $1 GROUP BY mailbox_id) e ON e.mailbox_id = b.id
               WHERE b.account_id = $1 AND (b.total_threads <> COALESCE(e.total, 0) OR b.unread_threads <> COALESCE(e.unread, 0))",
        columns: 1,
        paged: false,
    },
    Check {
        what: "mailbox_uids",
        sql: "SELECT b.id, b.uid_next FROM mailbox b JOIN mail_account a ON a.id = b.account_id
               WHERE b.account_id = $1 AND (b.uid_validity < 1 OR b.uid_validity > a.last_uid_validity OR b.uid_next <=
                     COALESCE((SELECT MAX(uid) FROM mailbox_entry e WHERE e.account_id = $1 AND e.mailbox_id = b.id), 0) OR
                     b.uid_validity IN (SELECT uid_validity FROM mailbox WHERE account_id = $1 GROUP BY uid_validity HAVING COUNT(*) > 1))",
        columns: 2,
        paged: false,
    },
    Check {
        what: "mailbox_change_number",
        sql: "SELECT b.id, b.change_number FROM mailbox b JOIN mail_account a ON a.id = b.account_id
               WHERE b.account_id = $1 AND (b.change_number > a.change_number OR b.changed_change > a.change_number
                  OR b.counted_change > a.change_number OR b.created_change > b.changed_change OR b.change_number <
                     COALESCE((SELECT MAX(change_number) FROM mailbox_entry e WHERE e.account_id = $1 AND e.mailbox_id = b.id), 0))",
        columns: 2,
        paged: false,
    },
    Check {
        what: "mailbox_parent",
        sql: "WITH RECURSIVE reached (id) AS (
                SELECT id FROM mailbox WHERE account_id = $1 AND parent_id = 0
                UNION SELECT b.id FROM reached r CROSS JOIN mailbox b WHERE b.account_id = $1 AND b.parent_id = r.id)
              SELECT b.id FROM mailbox b WHERE b.account_id = $1 AND b.id NOT IN (SELECT id FROM reached)",
        columns: 1,
        paged: false,
    },
    Check {
        what: "inbox_missing",
        sql: "SELECT a.next_number FROM mail_account a WHERE a.id = $1
                 AND NOT EXISTS (SELECT 1 FROM mailbox b WHERE b.account_id = $1 AND b.role = 'inbox' AND b.parent_id = 0)",
        columns: 1,
        paged: false,
    },
    Check {
        what: "entry_without_mailbox",
        sql: "SELECT e.mailbox_id, e.uid FROM mailbox_entry e WHERE e.account_id = $1
                 AND NOT EXISTS (SELECT 1 FROM mailbox b WHERE b.account_id = $1 AND b.id = e.mailbox_id)",
        columns: 2,
        paged: false,
    },
    Check {
        what: "entry_unlike_message",
        sql: "SELECT e.mailbox_id, e.uid FROM mailbox_entry e LEFT JOIN message m ON m.account_id = e.account_id AND m.id = e.message_id
               WHERE e.account_id = $1 AND (m.id IS NULL OR m.thread_id <> e.thread_id OR m.size_bytes <> e.size_bytes
                  OR m.received_at <> e.received_at OR m.created_change > e.change_number)",
        columns: 2,
        paged: false,
    },
    Check {
        what: "entry_twice_in_mailbox",
        sql: "SELECT e.mailbox_id, e.message_id FROM mailbox_entry e WHERE e.account_id = $1
               GROUP BY e.thread_id, e.message_id, e.mailbox_id HAVING COUNT(*) > 1",
        columns: 2,
        paged: false,
    },
    Check {
        what: "message_in_no_mailbox",
        sql: "SELECT m.id FROM message m WHERE m.account_id = $1 AND m.id >= $2 AND m.id < $3 AND NOT EXISTS
                (SELECT 1 FROM mailbox_entry e INDEXED BY mailbox_entry_by_thread WHERE e.account_id = $1 AND e.thread_id = m.thread_id AND e.message_id = m.id)
                AND NOT EXISTS (SELECT 1 FROM removed_message r WHERE r.account_id = $1 AND r.message_id = m.id)",
        columns: 1,
        paged: true,
    },
    Check {
        what: "removed_and_there",
        sql: "SELECT r.message_id, COALESCE(e.mailbox_id, 0) FROM removed_message r
                LEFT JOIN message m ON m.account_id = r.account_id AND m.id = r.message_id
                LEFT JOIN mailbox_entry e INDEXED BY mailbox_entry_by_thread ON e.account_id = m.account_id AND e.thread_id = m.thread_id AND e.message_id = m.id
               WHERE r.account_id = $1 AND (m.id IS NULL OR m.size_bytes <> r.size_bytes OR e.message_id IS NOT NULL)",
        columns: 2,
        paged: false,
    },
    Check {
        what: "change_number_ahead",
        sql: "SELECT n.change_number FROM (SELECT MAX(change_number) AS change_number FROM mailbox_entry WHERE account_id = $1
                UNION ALL SELECT MAX(created_change) AS change_number FROM message WHERE account_id = $1
                UNION ALL SELECT MAX(change_number) AS change_number FROM entry_tombstone WHERE account_id = $1
                UNION ALL SELECT MAX(change_number) AS change_number FROM message_tombstone WHERE account_id = $1
                UNION ALL SELECT MAX(change_number) AS change_number FROM mailbox_tombstone WHERE account_id = $1
                UNION ALL SELECT MAX(change_number) AS change_number FROM mailbox_metadata WHERE account_id = $1) n
               WHERE n.change_number > (SELECT change_number FROM mail_account WHERE id = $1)",
        columns: 1,
        paged: false,
    },
    Check {
        what: "gone_and_there",
        sql: "SELECT t.mailbox_id, t.uid FROM entry_tombstone t JOIN mailbox_entry e
                  ON e.account_id = t.account_id AND e.mailbox_id = t.mailbox_id AND e.uid = t.uid WHERE t.account_id = $1
              UNION ALL SELECT 0, t.id FROM message_tombstone t JOIN message m ON m.account_id = t.account_id AND m.id = t.id WHERE t.account_id = $1
                 AND NOT EXISTS (SELECT 1 FROM removed_message r WHERE r.account_id = $1 AND r.message_id = t.id)
              UNION ALL SELECT t.id, 0 FROM mailbox_tombstone t JOIN mailbox b ON b.account_id = t.account_id AND b.id = t.id WHERE t.account_id = $1",
        columns: 2,
        paged: false,
    },
    Check {
        what: "message_blob",
        sql: "SELECT m.id FROM message m JOIN mail_account a ON a.id = m.account_id
                LEFT JOIN blob b ON b.org_id = a.org_id AND b.blob_id = m.blob_id
               WHERE m.account_id = $1 AND m.id >= $2 AND m.id < $3 AND (b.blob_id IS NULL OR b.created_at <> m.blob_at OR b.size_bytes + LENGTH(m.prefix) <> m.size_bytes)",
        columns: 1,
        paged: true,
    },
    Check {
        what: "message_thread",
        sql: "SELECT m.id FROM message m JOIN mail_account a ON a.id = m.account_id
               WHERE m.account_id = $1 AND (m.thread_id < 1 OR m.thread_id > m.id)
              UNION ALL SELECT r.thread_id FROM thread_reference r JOIN mail_account a ON a.id = r.account_id
               WHERE r.account_id = $1 AND r.thread_id >= a.next_number",
        columns: 1,
        paged: false,
    },
    Check {
        what: "metadata_of_nothing",
        sql: "SELECT d.mailbox_id FROM mailbox_metadata d WHERE d.account_id = $1 AND d.mailbox_id <> 0
                 AND NOT EXISTS (SELECT 1 FROM mailbox b WHERE b.account_id = $1 AND b.id = d.mailbox_id)",
        columns: 1,
        paged: false,
    },
    Check {
        what: "maildrop_of_nothing",
        sql: "SELECT d.message_id FROM maildrop_message d WHERE d.account_id = $1
                 AND NOT EXISTS (SELECT 1 FROM message m WHERE m.account_id = $1 AND m.id = d.message_id)",
        columns: 1,
        paged: false,
    },
];
