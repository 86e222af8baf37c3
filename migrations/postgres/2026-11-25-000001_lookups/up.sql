-- Ending a standing query asks for what it has placed, and the foreign key asks again.
CREATE INDEX placements_subscription ON placements (subscription_id);
