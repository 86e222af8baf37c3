-- A step is its name again.
UPDATE channels SET steps = (
    SELECT json_group_array(CASE type WHEN 'object' THEN json_extract(value, '$.name') ELSE value END) FROM json_each(channels.steps)
) WHERE steps LIKE '%{%';
UPDATE submissions SET steps = (
    SELECT json_group_array(CASE type WHEN 'object' THEN json_extract(value, '$.name') ELSE value END) FROM json_each(submissions.steps)
) WHERE steps LIKE '%{%';
DROP INDEX annotations_offer;
ALTER TABLE annotations DROP COLUMN offer_id;
ALTER TABLE submissions DROP COLUMN group_id;
