/* verbs_pdq.c: the perceptual hashes of pictures and videos, for people who prepare lists. Pictures are
 * decoded in confined children, several at once; answers come out in the order of the command line. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cli/cli.h"
#include "engine/picture/pdq.h"
#include "triage/decode.h"

typedef struct PdqFile {
    const char  *path;
    const char  *trouble;                      /* it could not be opened; NULL: `result` says */
    DecodeResult result;
    bool         done;
} PdqFile;

typedef struct PdqWork {
    Cli        *cli;
    DecodePool *pool;
    PdqFile    *files;
    size_t      count, sent, told;
    Json       *list;                          /* with --json */
    bool        dihedral;
} PdqWork;

static Instant steady(void *ctx)
{
    struct timespec t;
    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (Instant)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

static char *hex_of(const PdqWork *w, const uint8_t *pdq) { return hex_write(&w->cli->mem, pdq, 32); }

static void tell_line(const PdqWork *w, const PdqFile *f)
{
    const DecodeResult *r = &f->result;
    for (int i = 0; r->media != MEDIA_VIDEO && i < (w->dihedral ? DECODE_DIHEDRALS : 1); i++) {
        printf("%s\t%d\t%s", hex_of(w, r->pdq[i]), r->quality, f->path);
        printf(w->dihedral ? "\t%s\n" : "\n", pdq_turn_name((PdqTurn)i));
    }
    /* The first frame of a moving picture was told as the picture. */
    for (size_t i = r->media != MEDIA_VIDEO; i < r->frame_count; i++)
        printf("%s\t%d\t%s\t%u\t%.3f\n", hex_of(w, r->frames[i].pdq), r->frames[i].quality, f->path,
               r->frames[i].number, (double)r->frames[i].at_us / 1e6);
}

static Json *frame_json(const PdqWork *w, const DecodeFrame *f)
{
    Json *j = json_new_object();
    json_set_int(j, "frame", f->number);
    json_set_text(j, "pdq", hex_of(w, f->pdq));
    json_set_int(j, "quality", f->quality);
    json_set(j, "seconds", json_new_real((double)f->at_us / 1e6));
    return j;
}

static void set_hashes(const PdqWork *w, const DecodeResult *r, Json *j)
{
    json_set_int(j, "width", r->width);
    json_set_int(j, "height", r->height);
    json_set_bool(j, "truncated", r->truncated);
    if (r->media == MEDIA_VIDEO || r->frame_count) {
        Json *frames = json_new_list();
        for (size_t i = 0; i < r->frame_count; i++)
            json_push(frames, frame_json(w, &r->frames[i]));
        json_set(j, "frames", frames);
    }
    if (r->media == MEDIA_VIDEO)
        return;
    json_set_text(j, "pdq", hex_of(w, r->pdq[0]));
    json_set_int(j, "quality", r->quality);
    json_set_bool(j, "usable", r->quality >= PDQ_QUALITY_MIN);
    if (!w->dihedral)
        return;
    Json *turns = json_new_object();
    for (int i = 0; i < DECODE_DIHEDRALS; i++)
        json_set_text(turns, pdq_turn_name((PdqTurn)i), hex_of(w, r->pdq[i]));
    json_set(j, "dihedral", turns);
}

static Json *file_json(const PdqWork *w, const PdqFile *f)
{
    Json *j = json_new_object();
    json_set_text(j, "path", f->path);
    json_set_text(j, "state", f->trouble ? "unreadable" : decode_state_name(f->result.state));
    if (f->trouble || f->result.state != DECODE_OK)
        json_set_text(j, "reason", f->trouble ? f->trouble : f->result.reason);
    if (f->trouble)
        return j;
    json_set_text(j, "media", media_name(f->result.media));
    if (f->result.state == DECODE_OK)
        set_hashes(w, &f->result, j);
    return j;
}

static void tell(PdqWork *w, const PdqFile *f)
{
    bool good = !f->trouble && f->result.state == DECODE_OK;
    if (!good)
        w->cli->exit_code = 1;
    if (w->list)
        json_push(w->list, file_json(w, f));
    else if (good)
        tell_line(w, f);
    if (!good)
        fprintf(stderr, "%s: %s\n", f->path, f->trouble ? f->trouble : f->result.reason);
}

/* Everything from the front that is settled. */
static void tell_ready(PdqWork *w)
{
    for (; w->told < w->count && w->files[w->told].done; w->told++)
        tell(w, &w->files[w->told]);
}

static const char *open_file(const char *path, int *fd, uint64_t *size)
{
    struct stat st;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0)
        return errno == ENOENT ? "There is no such file." : "The file cannot be opened.";
    if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode)) {
        *size = (uint64_t)st.st_size;
        return NULL;
    }
    close(*fd);
    return "This is not a file.";
}

static bool send_next(PdqWork *w, Err *err)
{
    PdqFile *f = &w->files[w->sent++];
    DecodeInput input = { .fd = -1 };
    f->trouble = open_file(f->path, &input.fd, &input.length);
    if (f->trouble) {
        f->done = true;
        return true;
    }
    bool sent = decode_send(w->pool, &input, f, err);
    close(input.fd);
    return sent;
}

static bool run(PdqWork *w, Err *err)
{
    while (w->told < w->count) {
        DecodeResult r;
        bool got;
        while (w->sent < w->count && decode_idle(w->pool) > 0)
            if (!send_next(w, err))
                return false;
        if (!decode_collect(w->pool, -1, &w->cli->mem, &r, &got, err))
            return false;
        if (got) {
            PdqFile *f = r.tag;
            f->result = r;
            f->done = true;
        }
        tell_ready(w);
    }
    return true;
}

static int children_for(size_t files)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : files < (size_t)cores ? (int)files : (int)cores;
}

bool verb_pdq(Cli *cli, Err *err)
{
    CLEANUP(json_done) Json *list = cli->json ? json_new_list() : NULL;
    PdqWork w = { .cli = cli, .count = cli->args.word_count, .list = list, .dihedral = arg(cli, "dihedral") };
    DecodeOptions opt = { .children = children_for(w.count), .clock = steady,
                          .every_frame = arg(cli, "every-frame") };
    w.files = arena_new(&cli->mem, PdqFile, w.count);
    for (size_t i = 0; i < w.count; i++)
        w.files[i].path = cli->args.words[i];
    if (!decode_open(&cli->mem, &opt, &w.pool, err))
        return false;
    bool good = run(&w, err);
    decode_close(w.pool);
    if (good && list)
        print_json(cli, list);
    return good;
}
