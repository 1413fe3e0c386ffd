/* multiply.h: makes a database of ten thousand nominals one of a million, by copying the rows that pages
 * read.
 *
 * Taking a million people in through every stage takes a quarter of an hour; what pages cost depends on the
 * rows, not on how they came. Every copy is a person of its own, with sightings, links, scores, checks,
 * clocks and packages of its own. Their facts are not copied, so such a database cannot be rebuilt from its
 * ledger: it is for measuring, and thrown away. */
#pragma once
/* `times` 100: a hundred times as many. The database must not be open elsewhere. */
void database_multiply(const char *path, int times);
