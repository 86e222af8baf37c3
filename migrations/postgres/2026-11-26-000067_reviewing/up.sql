-- The group (工作组) that the step now waiting is for; nothing: every reviewer of the site.
ALTER TABLE submissions ADD COLUMN group_id BIGINT;

-- The offer in whose review an annotation was made; nothing: it is about a text of the site itself.
ALTER TABLE annotations ADD COLUMN offer_id BIGINT REFERENCES offers (id);
CREATE INDEX annotations_offer ON annotations (offer_id) WHERE offer_id IS NOT NULL;
