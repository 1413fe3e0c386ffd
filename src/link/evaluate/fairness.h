/* fairness.h: is linking as good for everyone, whatever script and language their name is from?
 *
 * Takes a table of names by origin, makes people of each (names drawn evenly, birth dates and postcodes by
 * chance), writes each a second time as other sources would (romanised, a letter wrong, given and family
 * exchanged, an initial), and pairs different people of one origin who share a birth date or a home. The
 * model and thresholds in force then weigh all pairs. The report gives, by script and by origin of names, how
 * many pairs of one person are missed, how many of two people would be joined or put to a person, and what
 * names alone weigh; and says where the engine is weaker.
 *
 * Origin is known here only because the table says so: no aspect that is compared is a nationality, an
 * ethnicity or a religion, and nothing of the kind is ever stored of a person. */
#pragma once
#include "base/json.h"
#include "base/when.h"

typedef struct FairnessOptions {
    const char *names_path;      /* CSV of names; NULL: the one built in (data/names/sample.csv) */
    const char *surnames_path;   /* CSV of family names; NULL: `names` has both, or serves as both */
    const char *model_path;      /* NULL: the model that ships */
    Date        day;             /* the thresholds in force then */
    uint64_t    seed;
    size_t      people;          /* of each origin; 0: 200 */
} FairnessOptions;

/* {"people", "seed", "model", "link_bits", "review_bits", "scripts": [{"group", "people", "missed", "joined",
 * "asked", "name_bits_same", "name_bits_different", "weaker"}], "origins": [...], "weaker": [sentences],
 * "left_out": [origins with too few names], "aspects": [...], "never": "..."}. Shares are 0..1.
 * Columns are found by name: an origin (origin, country, group), a name (name, localized name), how it is
 * romanised (optional), and part (given or family; optional). ERR_INVALID names the one that is missing. */
MUST_USE bool fairness(Arena *mem, const FairnessOptions *options, Json **report, Err *err);
