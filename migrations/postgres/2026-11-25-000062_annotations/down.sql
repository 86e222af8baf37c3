DROP TABLE annotation_answers;
DROP TABLE annotations;
