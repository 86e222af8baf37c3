DROP INDEX placements_subscription;
