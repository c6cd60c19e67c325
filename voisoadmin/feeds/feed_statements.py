"""What each request to a feed asks and changes, of which there may be a hundred in a second."""

from voisoadmin.lib.statements import Statement

# Of each valid token of a feed.
OPEN_FEED = Statement(
    """
    SELECT token.id, token.digest, feed.id, feed.inbox_id, feed.writing, feed.country, inbox.paused_at IS NOT NULL,
        connection.removed_at IS NOT NULL, connection.generation, connection.time_zone
    FROM feeds_feed AS feed
    JOIN feeds_feedtoken AS token ON token.feed_id = feed.id AND token.revoked_at IS NULL
    JOIN pushes_inbox AS inbox ON inbox.id = feed.inbox_id
    JOIN campaigns_campaign AS campaign ON campaign.id = feed.campaign_id
    JOIN connections_connection AS connection ON connection.id = campaign.connection_id
    WHERE feed.public_id = %s
    """
)
KEPT = Statement("SELECT id, body_digest, answer FROM feeds_feedrequest WHERE feed_id = %s AND key = %s")
KEEP = Statement(
    """
    INSERT INTO feeds_feedrequest
        (feed_id, key, body_digest, answer, places, at, milliseconds, accepted, duplicates, refused)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    RETURNING id
    """
)
FLAGGED = Statement("SELECT number FROM feeds_flaggednumber WHERE feed_id = %s AND day = %s AND number {among}")
COUNT_DAY = Statement(
    """
    INSERT INTO feeds_feedday AS counted (feed_id, day, requests, accepted, duplicates, refused, reasons)
    VALUES (%s, %s, 1, %s, %s, %s, '{{}}')
    ON CONFLICT (feed_id, day) DO UPDATE SET
        requests = counted.requests + 1,
        accepted = counted.accepted + excluded.accepted,
        duplicates = counted.duplicates + excluded.duplicates,
        refused = counted.refused + excluded.refused
    """
)
COUNT_REFUSALS = Statement(
    """
    INSERT INTO feeds_refusal AS counted (feed_id, day, status, code, times, last_at) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (feed_id, day, status, code) DO UPDATE SET
        times = counted.times + excluded.times, last_at = excluded.last_at
    """
)
