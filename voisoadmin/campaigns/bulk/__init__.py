"""Many campaigns at once: one operation with a child for each campaign, carried out by one job.

What is done to a campaign belongs to the feature: it registers a `BulkJob` for its kind of operation.
"""
