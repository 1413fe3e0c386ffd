/* args.c: reading the command line against the table of verbs. Options may stand anywhere; "--" ends them. */
#include <string.h>
#include "base/zone.h"
#include "cli/cli.h"

const Option cli_global_options[] = {
    { "db", "PATH", "The database (default: $MUSTER_DB, or muster.db in this folder)", false },
    { "as", "LOGIN", "Who is acting (default: $MUSTER_AS, or the first administrator made by init)", false },
    { "json", NULL, "Answer as JSON", false },
    { "quiet", NULL, "No progress lines", false },
    { "clock", "INSTANT", "Exercises only: act as if it were this instant (RFC 3339)", false },
    { "help", NULL, "Explain this verb", false },
    { 0 },
};

static const Option *option_find(const Option *list, const char *name, size_t len)
{
    for (const Option *o = list; o && o->name; o++)
        if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
            return o;
    return NULL;
}

static const Verb *verb_find(const char *verb, const char *action)
{
    for (size_t i = 0; i < cli_verb_count; i++)
        if (str_same(cli_verbs[i].verb, verb) && str_same(cli_verbs[i].action, action))
            return &cli_verbs[i];
    return NULL;
}

static bool verb_known(const char *verb)
{
    for (size_t i = 0; i < cli_verb_count; i++)
        if (str_same(cli_verbs[i].verb, verb))
            return true;
    return false;
}

/* First pass: the verb and its action are the first words that are not options or an option's value. */
static bool verb_pick(int argc, char **argv, const Verb **verb, int at[2], Err *err)
{
    const char *words[2] = { NULL, NULL };
    int n = 0;
    at[0] = at[1] = -1;
    for (int i = 1; i < argc && n < 2; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            const char *name = argv[i] + 2;
            const Option *o = option_find(cli_global_options, name, strcspn(name, "="));
            i += o && o->takes && !strchr(name, '=');
            if (n == 0 && !o)
                return err_set(err, ERR_INVALID, "There is no option %s here.", argv[i]) ||
                       err_hint(err, "Write the verb first: muster --help");
            if (n == 1 && !o)
                break; /* the verb's own options begin: it has no action */
            continue;
        }
        at[n] = i;
        words[n++] = argv[i];
    }
    if (!n)
        return true;
    *verb = words[1] ? verb_find(words[0], words[1]) : NULL;
    if (!*verb) {
        at[1] = -1;
        *verb = verb_find(words[0], NULL);
    }
    if (*verb)
        return true;
    if (!verb_known(words[0])) {
        err_set(err, ERR_INVALID, "Muster has no verb \"%s\".", words[0]);
        return err_hint(err, "muster --help lists them.");
    }
    err_set(err, ERR_INVALID, words[1] ? "\"%s\" has no action \"%s\"." : "\"%s\" needs an action.", words[0],
            words[1]);
    return err_hint(err, "muster %s --help lists them.", words[0]);
}

static bool option_take(Cli *cli, const Option *o, const char *value, bool *help, Err *err)
{
    if (str_same(o->name, "help"))
        *help = true;
    else if (str_same(o->name, "json"))
        cli->json = true;
    else if (str_same(o->name, "quiet"))
        cli->quiet = true;
    else if (str_same(o->name, "db"))
        cli->db_path = value;
    else if (str_same(o->name, "as"))
        cli->as = value;
    else if (str_same(o->name, "clock")) {
        Stamp stamp;
        if (!stamp_parse(str_of(value), &stamp) || !stamp.offset_known)
            return err_set(err, ERR_INVALID,
                           "--clock takes an instant with its offset, as 2026-11-20T09:00:00Z.");
        cli->fixed_now = stamp.instant;
    } else {
        if (cli->args.option_count == COUNT_OF(cli->args.options))
            return err_set(err, ERR_LIMIT, "Too many options.");
        cli->args.options[cli->args.option_count++] = (Given){ o->name, value ? value : "" };
    }
    return true;
}

bool args_read(Cli *cli, int argc, char **argv, const Verb **verb, bool *help, Err *err)
{
    int skip[2];
    bool only_words = false;
    size_t cap = 0;
    if (!verb_pick(argc, argv, verb, skip, err))
        return false;
    for (int i = 1; i < argc; i++) {
        if (i == skip[0] || i == skip[1])
            continue;
        if (only_words || argv[i][0] != '-' || argv[i][1] == 0) {
            *arena_push(&cli->mem, cli->args.words, cli->args.word_count, cap) = argv[i];
            continue;
        }
        if (str_same(argv[i], "--")) {
            only_words = true;
            continue;
        }
        const char *name = str_same(argv[i], "-o") ? "out" : str_same(argv[i], "-h") ? "help" : argv[i] + 2;
        if (argv[i][1] != '-' && name == argv[i] + 2)
            return err_set(err, ERR_INVALID, "There is no option %s.", argv[i]);
        size_t len = strcspn(name, "=");
        const Option *o = option_find(cli_global_options, name, len);
        if (!o && *verb)
            o = option_find((*verb)->options, name, len);
        if (!o)
            return err_set(err, ERR_INVALID, "There is no option %s here.", argv[i]) ||
                   err_hint(err, "muster %s --help lists them.", *verb ? (*verb)->verb : "");
        const char *value = name[len] == '=' ? name + len + 1 : NULL;
        if (o->takes && !value) {
            if (i + 1 >= argc)
                return err_set(err, ERR_INVALID, "--%s needs a value: %s.", o->name, o->takes);
            value = argv[++i];
        }
        if (!o->takes && value)
            return err_set(err, ERR_INVALID, "--%s takes no value.", o->name);
        if (!option_take(cli, o, value, help, err))
            return false;
    }
    if (!*verb || *help)
        return true;
    for (const Option *o = (*verb)->options; o && o->name; o++)
        if (o->required && !arg(cli, o->name))
            return err_set(err, ERR_INVALID, "--%s %s is needed.", o->name, o->takes ? o->takes : "") ||
                   err_hint(err, "muster %s --help explains it.", (*verb)->verb);
    if (cli->args.word_count < (*verb)->min_words || cli->args.word_count > (*verb)->max_words)
        return err_set(err, ERR_INVALID,
                       cli->args.word_count < (*verb)->min_words ? "%s%s%s needs %s." : "%s%s%s takes %s.",
                       (*verb)->verb, (*verb)->action ? " " : "", (*verb)->action ? (*verb)->action : "",
                       (*verb)->words ? (*verb)->words : "nothing more") ||
               err_hint(err, "muster %s --help explains it.", (*verb)->verb);
    return true;
}

const char *arg(const Cli *cli, const char *name)
{
    for (size_t i = 0; i < cli->args.option_count; i++)
        if (str_same(cli->args.options[i].name, name))
            return cli->args.options[i].value;
    return NULL;
}

bool arg_date(const Cli *cli, const char *name, Date otherwise, Date *out, Err *err)
{
    const char *text = arg(cli, name);
    *out = otherwise;
    return !text || date_parse(str_of(text), out) ||
           err_set(err, ERR_INVALID, "--%s takes a date, as 2026-05-14.", name);
}

bool arg_int(const Cli *cli, const char *name, int64_t otherwise, int64_t min, int64_t max, int64_t *out,
             Err *err)
{
    const char *text = arg(cli, name);
    *out = otherwise;
    return !text || str_int(str_of(text), min, max, out) ||
           err_set(err, ERR_INVALID, "--%s takes a number from %lld to %lld.", name, (long long)min,
                   (long long)max);
}
