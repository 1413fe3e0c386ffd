#include "simulate/simulate.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "base/digest.h"
#include "base/json.h"
#include "base/source.h"
#include "simulate/world.h"

/* A stream of chance for one part, so that parts do not disturb one another. FNV-1a mixes the name in. */
Rng stream(const World *w, const char *part, uint64_t n)
{
    uint64_t h = 0xcbf29ce484222325u ^ w->options->seed * 0x9e3779b97f4a7c15u;
    for (const char *at = part; *at; at++)
        h = (h ^ (uint8_t)*at) * 0x100000001b3u;
    h ^= (n + 1) * 0xd1342543de82ef95u;
    return rng_seed(h ^ h >> 29);
}

char *hash_text(const World *w, uint64_t index, char out[65], int bytes)
{
    Rng r = stream(w, "hash", index * 64 + (uint64_t)bytes);
    for (int i = 0; i < bytes * 2; i++)
        out[i] = "0123456789abcdef"[rng_below(&r, 16)];
    out[bytes * 2] = 0;
    return out;
}

char *trace_when(const World *w, const Trace *t, Arena *mem)
{
    (void)w;
    char *text = instant_iso(mem, t->style == STYLE_OFFSET ? t->at + US_PER_HOUR : t->at);
    if (t->style == STYLE_Z)
        return text;
    text[strlen(text) - 1] = 0;
    return t->style == STYLE_NONE ? text : str_fmt(mem, "%s+01:00", text);
}

void refuse_line(World *w, const char *file, size_t line, bool pending)
{
    *arena_push(w->mem, w->refused, w->refused_count, w->refused_cap) = (Refused){ file, line, pending };
}

bool open_file(World *w, Sink *s, size_t *number, size_t batch, const char *what, Err *err)
{
    const char *name =
        str_fmt(w->mem, "%03zu-%s-%s", ++*number, date_iso(w->mem, w->batches[batch].arrives), what);
    return sink_open(s, w->mem, str_fmt(w->mem, "%s/in", w->options->out_dir), name, err);
}

bool close_file(World *w, Sink *s, Err *err)
{
    w->bytes += s->bytes;
    w->files++;
    return sink_close(s, err);
}

static bool folder_make(const char *path, Err *err)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return err_set(err, ERR_STORE, "The output folder cannot be made: %s.", strerror(errno));
    return true;
}

static bool authority_write(World *w, Err *err)
{
    CLEANUP(json_done) Json *j = json_new_object();
    json_set_text(j, "name", w->name);
    json_set_text(j, "lawful_basis", "Exercise: invented data for training and testing");
    json_set_text(j, "document", w->modern ? "EX/LANTERN/1" : "EX/NOTARISE/1");
    json_set_text(j, "necessity",
                  "To bring suspects in possession of indecent images, and children near them, to notice.");
    json_set_text(j, "proportionality",
                  "Only data reported by services or held by forces is used; each look is recorded.");
    json_set_text(j, "authorised_by", "Assistant Chief Constable, National Coordination Unit");
    json_set_text(j, "from", date_iso(w->mem, w->from));
    /* An old operation is taken in today: its authority must still run then. */
    Date usual = date_add_months(w->from, w->modern ? 12 : 18),
         taken_in = date_add_months(w->options->today, 6);
    json_set_text(j, "until", date_iso(w->mem, usual > taken_in ? usual : taken_in));
    json_set_bool(j, "exercise", true);
    json_set_text(j, "classification", "OFFICIAL-SENSITIVE");
    json_set_text(j, "handling", "C");
    json_set_text(j, "handling_conditions", "Exercise material. Not for onward sharing.");
    const char *path = str_fmt(w->mem, "%s/authority.json", w->options->out_dir);
    return file_write(path, str_of(str_fmt(w->mem, "%s\n", json_pretty(w->mem, j))), err);
}

static bool files_write(World *w, Err *err)
{
    size_t number = 0;
    if (!write_opening(w, &number, err))
        return false;
    for (size_t i = 0; i < w->batch_count; i++)
        if (!write_reports(w, i, &number, err) || !write_tables(w, i, &number, err) ||
            !write_returns(w, i, &number, err))
            return false;
    return true;
}

static bool options_check(const SimulateOptions *o, Err *err)
{
    if (!str_same(o->scenario, "lantern") && !str_same(o->scenario, "notarise")) {
        (void)err_set(err, ERR_INVALID, "There is no such scenario.");
        return err_hint(err, "Use lantern or notarise.");
    }
    if (!(o->scale >= 0.01 && o->scale <= 1000))
        return err_set(err, ERR_INVALID, "The scale must lie between 0.01 and 1000.");
    if (o->today < date_of(2023, 1, 1) && str_same(o->scenario, "lantern"))
        return err_set(err, ERR_INVALID, "Lantern needs a date from 2023 on.");
    return true;
}

bool simulate_run(const SimulateOptions *options, Arena *mem, SimulateReport *out, Err *err)
{
    if (!options_check(options, err))
        return false;
    World *w = arena_new(mem, World, 1);
    w->options = options;
    w->mem = mem;
    if (!world_places_load(w, err))
        return false;
    plan_make(w);
    people_make(w);
    traces_make(w);
    outcomes_make(w);
    viral_make(w);
    if (!folder_make(options->out_dir, err) || !folder_make(str_fmt(mem, "%s/in", options->out_dir), err)
        || !authority_write(w, err) || !files_write(w, err) || !truth_write(w, out, err))
        return err_while(err, "writing the sample");
    out->files = w->files;
    out->bytes = w->bytes;
    return true;
}
