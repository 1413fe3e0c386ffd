#include "risk/model.h"
#include <ctype.h>
#include <string.h>

static const char *const fact_names[FACT__COUNT] = {
    [FACT_ACCESS_UNASKED]     = "access_unasked",     [FACT_ACCESS_UNKNOWN]     = "access_unknown",
    [FACT_ACCESS_YES]         = "access_yes",         [FACT_CHARGES]            = "charges",
    [FACT_CHILDREN_HOME]      = "children_home",      [FACT_CHILDREN_IMMEDIATE] = "children_immediate",
    [FACT_CHILDREN_REGULAR]   = "children_regular",   [FACT_CONTACT_ABUSE]      = "contact_abuse",
    [FACT_DAYS]               = "days",               [FACT_DEVICE_FILES]       = "device_files",
    [FACT_DEVICE_UNKNOWN]     = "device_unknown",     [FACT_ENTICEMENT]         = "enticement",
    [FACT_HOUSEHOLD_UNASKED]  = "household_unasked",  [FACT_KNOWN_FILES]        = "known_files",
    [FACT_LIVE_STREAMING]     = "live_streaming",     [FACT_OCCUPATION_UNASKED] = "occupation_unasked",
    [FACT_OCCUPATION_UNKNOWN] = "occupation_unknown", [FACT_POSITION_OF_TRUST]  = "position_of_trust",
    [FACT_POSSIBLE_REGISTER]  = "possible_register",  [FACT_PRIOR_REPORTS]      = "prior_reports",
    [FACT_PRODUCTION]         = "production",         [FACT_PURCHASES]          = "purchases",
    [FACT_REFERRALS]          = "referrals",          [FACT_REGISTERED]         = "registered",
    [FACT_SADISTIC]           = "sadistic",           [FACT_SEXTORTION]         = "sextortion",
    [FACT_SOLICITATION]       = "solicitation",       [FACT_UNDER_18]           = "under_18",
    [FACT_URGENT]             = "urgent",
};

static const struct { const char *band, *says; } bands[BANDS + 1] = {
    { "", "" }, { "low", "Low" }, { "medium", "Medium" }, { "high", "High" }, { "very-high", "Very high" },
};

const char *band_says(const char *band) { return bands[band_rank(band)].says; }
const char *band_of_rank(int rank) { return rank >= 0 && rank <= BANDS ? bands[rank].band : ""; }

int band_rank(const char *band)
{
    for (int i = 1; i <= BANDS; i++)
        if (str_same(bands[i].band, band))
            return i;
    return 0;
}

/* ---- reading ---- */

static bool fact_read(const char *name, Fact *out, Err *err)
{
    for (int i = 0; i < FACT__COUNT; i++)
        if (str_same(fact_names[i], name)) {
            *out = (Fact)i;
            return true;
        }
    return err_set(err, ERR_INVALID, "The risk model asks about %s, which is not known here.",
                   name ? name : "nothing");
}

static bool family_known(const char *family)
{
    static const char *const families[] = { "past", "access", "present", "other" };
    FOR_EACH(f, families)
        if (str_same(*f, family))
            return true;
    return false;
}

static bool rule_read(const Json *j, Arena *mem, Rule *r, Err *err)
{
    *r = (Rule){ .id = str_copy(mem, json_text(j, "id")),
                 .family = str_copy(mem, json_text(j, "family")),
                 .because = str_copy(mem, json_text(j, "because")),
                 .group = str_copy(mem, json_text(j, "group")),
                 .at_least = json_int(j, "at_least", 1),
                 .points = json_int(j, "points", -1),
                 .floor = band_rank(json_text(j, "floor")) };
    if (!r->id || !r->because || !family_known(r->family))
        return err_set(err, ERR_INVALID, "A factor of the risk model lacks its id, family or reason.");
    /* Nothing takes points away: a mild picture never makes a person less of a risk. */
    if (r->points < 0 || r->points > 1000 || r->at_least < 1 || (json_text(j, "floor") && !r->floor))
        return err_set(err, ERR_INVALID,
                       "The factor %s of the risk model has a number or a floor out of range.", r->id);
    return fact_read(json_text(j, "fact"), &r->fact, err);
}

static bool rules_read(const Json *j, Arena *mem, RiskModel *m, Err *err)
{
    const Json *list = json_get(j, "factors");
    m->rule_count = json_count(list);
    m->rules = arena_new(mem, Rule, m->rule_count + 1);
    for (size_t i = 0; i < m->rule_count; i++)
        if (!rule_read(json_at(list, i), mem, &m->rules[i], err))
            return false;
    return m->rule_count > 0 || err_set(err, ERR_INVALID, "The risk model has no factors.");
}

static bool checks_read(const Json *j, Arena *mem, RiskModel *m, Err *err)
{
    const Json *list = json_get(j, "checks");
    m->check_count = json_count(list);
    m->checks = arena_new(mem, CheckRule, m->check_count + 1);
    for (size_t i = 0; i < m->check_count; i++) {
        const Json *c = json_at(list, i);
        m->checks[i].kind = str_copy(mem, json_text(c, "kind"));
        m->checks[i].says = str_copy(mem, json_text(c, "says"));
        if (!m->checks[i].kind || !fact_read(json_text(c, "when"), &m->checks[i].when, err))
            return err->kind ? false : err_set(err, ERR_INVALID, "A check of the risk model lacks its kind.");
    }
    return true;
}

static bool bands_read(const Json *j, RiskModel *m, Err *err)
{
    const Json *list = json_get(j, "bands");
    bool seen[BANDS + 1] = {0};
    for (size_t i = 0; i < json_count(list); i++) {
        int rank = band_rank(json_text(json_at(list, i), "band"));
        m->threshold[rank] = json_int(json_at(list, i), "from", -1);
        seen[rank] = true;
    }
    for (int rank = 1; rank <= BANDS; rank++)
        if (!seen[rank] || (rank > 1 && m->threshold[rank] <= m->threshold[rank - 1]))
            return err_set(err, ERR_INVALID, "The risk model's bands do not rise.");
    return m->threshold[1] == 0 ||
           err_set(err, ERR_INVALID, "The risk model's lowest band does not start at 0.");
}

static void trust_read(const Json *j, Arena *mem, RiskModel *m)
{
    const Json *list = json_get(j, "positions_of_trust");
    m->trust = arena_new(mem, const char *, json_count(list) + 1);
    for (size_t i = 0; i < json_count(list); i++)
        if (json_text_of(json_at(list, i)))
            m->trust[m->trust_count++] = str_lower_ascii(mem, json_text_of(json_at(list, i)));
}

bool risk_model_load(Arena *mem, Str json, RiskModel **out, Err *err)
{
    CLEANUP(json_done) Json *j = NULL;
    RiskModel *m = arena_new(mem, RiskModel, 1);
    if (!json_read(json, &j, err))
        return err_while(err, "reading the risk model");
    m->version = str_copy(mem, json_text(j, "version"));
    if (!m->version || !json_text(j, "from") || !date_parse(str_of(json_text(j, "from")), &m->from))
        return err_set(err, ERR_INVALID, "The risk model lacks its version or the date it starts.");
    if (!bands_read(j, m, err) || !rules_read(j, mem, m, err) || !checks_read(j, mem, m, err))
        return err_while(err, "reading the risk model");
    trust_read(j, mem, m);
    *out = m;
    return true;
}

const char *risk_model_version(const RiskModel *m) { return m->version; }

static bool word_edge(char c) { return !isalnum((unsigned char)c); }

bool model_trusts(const RiskModel *m, Arena *mem, const char *occupation)
{
    if (str_blank(occupation))
        return false;
    const char *text = str_lower_ascii(mem, occupation);
    for (size_t i = 0; i < m->trust_count; i++) {
        size_t len = strlen(m->trust[i]);
        for (const char *at = strstr(text, m->trust[i]); at; at = strstr(at + 1, m->trust[i])) {
            /* "teachers" and "nurseries" are meant too; "carer" inside "scarer" is not */
            if (at == text || word_edge(at[-1]))
                if (word_edge(at[len]) || at[len] == 's' || len >= 5)
                    return true;
        }
    }
    return false;
}

/* ---- evaluating ---- */

static char *because_of(Arena *mem, const Rule *r, int64_t n)
{
    static const char *const words[] = { "no",   "one", "two",   "three", "four",
                                         "five", "six", "seven", "eight", "nine" };
    const char *at = strstr(r->because, "{n}");
    if (!at)
        return str_copy(mem, r->because);
    const char *number =
        n >= 0 && n < (int64_t)COUNT_OF(words) ? words[n] : str_fmt(mem, "%lld", (long long)n);
    return str_fmt(mem, "%.*s%s%s", (int)(at - r->because), r->because, number, at + 3);
}

/* Of a group only the rule that asks most counts. */
static bool outdone(const RiskModel *m, const Measures *have, const Rule *r)
{
    for (size_t i = 0; r->group && i < m->rule_count; i++) {
        const Rule *other = &m->rules[i];
        if (other != r && str_same(other->group, r->group) && other->at_least > r->at_least
            && have->count[other->fact] >= other->at_least)
            return true;
    }
    return false;
}

typedef struct Weighed { const Rule *rule[64]; size_t count; int64_t points; int rank; } Weighed;

static Weighed weigh(const RiskModel *m, const Measures *have)
{
    Weighed w = {0};
    int floor = 1;
    for (size_t i = 0; i < m->rule_count && w.count < COUNT_OF(w.rule); i++) {
        const Rule *r = &m->rules[i];
        if (have->count[r->fact] < r->at_least || outdone(m, have, r))
            continue;
        w.rule[w.count++] = r;
        w.points += r->points;
        floor = r->floor > floor ? r->floor : floor;
    }
    w.rank = floor;
    for (int rank = floor; rank <= BANDS; rank++)
        if (w.points >= m->threshold[rank])
            w.rank = rank;
    return w;
}

/* What sets a floor explains most, then what weighs most. Ties keep the model's order. */
static void by_weight(Weighed *w)
{
    for (size_t i = 1; i < w->count; i++)
        for (size_t k = i; k > 0; k--) {
            const Rule *a = w->rule[k - 1], *b = w->rule[k];
            if (a->floor > b->floor || (a->floor == b->floor && a->points >= b->points))
                break;
            w->rule[k - 1] = b;
            w->rule[k] = a;
        }
}

/* "High because access to children is unknown and material was shared on four separate days. It becomes Very
 * high if they work or live with children." */
static const char *one_line(const RiskModel *m, const Measures *have, const Weighed *w, Arena *mem)
{
    StrBuf line = { .mem = mem };
    buf_add(&line, bands[w->rank].says);
    size_t said = w->count < 3 ? w->count : 3;
    for (size_t i = 0; i < said; i++) {
        buf_add(&line, i == 0 ? " because " : i + 1 == said ? " and " : ", ");
        buf_add(&line, because_of(mem, w->rule[i], have->count[w->rule[i]->fact]));
    }
    if (w->count == 0)
        buf_add(&line, ": nothing in the list applies");
    buf_char(&line, '.');
    Measures with = *have;
    with.count[FACT_ACCESS_UNKNOWN] = 0;
    with.count[FACT_CHILDREN_HOME] = 1;
    int then = weigh(m, &with).rank;
    if (have->count[FACT_ACCESS_UNKNOWN] && then > w->rank)
        buf_fmt(&line, " It becomes %s if they work or live with children.", bands[then].says);
    return buf_text(&line);
}

void model_evaluate(const RiskModel *m, const Measures *have, Arena *mem, Suggestion *out)
{
    Weighed w = weigh(m, have);
    by_weight(&w);
    *out = (Suggestion){ .band = bands[w.rank].band,
                         .points = (int)w.points,
                         .why = one_line(m, have, &w, mem),
                         .factors = arena_new(mem, Factor, w.count + 1),
                         .factor_count = w.count };
    for (size_t i = 0; i < w.count; i++) {
        const Rule *r = w.rule[i];
        out->factors[i] = (Factor){ r->id, r->family, because_of(mem, r, have->count[r->fact]),
                                    (int)r->points, have->entry[r->fact] };
    }
}
