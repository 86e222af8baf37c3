-- A step is its name again.
UPDATE channels SET steps = (
    SELECT jsonb_agg(CASE jsonb_typeof(step) WHEN 'object' THEN step -> 'name' ELSE step END ORDER BY at)::TEXT
    FROM jsonb_array_elements(channels.steps::JSONB) WITH ORDINALITY AS one (step, at)
) WHERE steps LIKE '%{%';
UPDATE submissions SET steps = (
    SELECT jsonb_agg(CASE jsonb_typeof(step) WHEN 'object' THEN step -> 'name' ELSE step END ORDER BY at)::TEXT
    FROM jsonb_array_elements(submissions.steps::JSONB) WITH ORDINALITY AS one (step, at)
) WHERE steps LIKE '%{%';
DROP INDEX annotations_offer;
ALTER TABLE annotations DROP COLUMN offer_id;
ALTER TABLE submissions DROP COLUMN group_id;
