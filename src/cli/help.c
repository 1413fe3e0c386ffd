/* help.c: help, manual page and completion, all from the one table. */
#include <ctype.h>
#include <string.h>
#include "cli/cli.h"

static const char *const intro = "Muster coordinates a national operation against online child sexual abuse: "
                                 "reports in, packages to forces, outcomes\n"
                                 "back, figures out, every step provable. It stores hashes, never imagery, "
                                 "and decides nothing by itself.\n";

static bool first_of(size_t i) { return i == 0 || !str_same(cli_verbs[i].verb, cli_verbs[i - 1].verb); }

static void usage_line(FILE *out, const Verb *v)
{
    fprintf(out, "  muster %s%s%s", v->verb, v->action ? " " : "", v->action ? v->action : "");
    for (const Option *o = v->options; o && o->name; o++)
        fprintf(out, o->required ? " --%s%s%s" : " [--%s%s%s]", o->name, o->takes ? " " : "",
                o->takes ? o->takes : "");
    fprintf(out, "%s%s\n", v->words ? " " : "", v->words ? v->words : "");
}

static void options_list(FILE *out, const Option *list)
{
    for (const Option *o = list; o && o->name; o++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->takes ? " " : "", o->takes ? o->takes : "");
        fprintf(out, "    %-24s %s%s\n", left, o->says, o->required ? " (needed)" : "");
    }
}

void help_all(FILE *out)
{
    fprintf(out, "%s\nUsage: muster [--db PATH] [--json] VERB ...\n\n", intro);
    for (size_t i = 0; i < cli_verb_count; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", cli_verbs[i].verb, cli_verbs[i].action ? " " : "",
                 cli_verbs[i].action ? cli_verbs[i].action : "");
        fprintf(out, "  %-20s %s\n", left, cli_verbs[i].says);
    }
    fputs("\nEverywhere:\n", out);
    options_list(out, cli_global_options);
    fputs("\nExit codes: 0 done, 1 the answer is no, 2 wrong input, 3 not found or not allowed, 4 changed "
          "meanwhile, 5 too much,\n"
          "6 disk or database, 7 a fault in Muster. muster VERB --help explains one verb with an example.\n",
          out);
}

void help_verb(FILE *out, const char *verb)
{
    for (size_t i = 0; i < cli_verb_count; i++) {
        const Verb *v = &cli_verbs[i];
        if (!str_same(v->verb, verb))
            continue;
        fprintf(out, "%s.\n", v->says);
        usage_line(out, v);
        options_list(out, v->options);
        if (v->teaches && v->teaches[0])
            fprintf(out, "%s\n", v->teaches);
        fputc('\n', out);
    }
}

bool cli_help(Cli *cli, Err *err)
{
    if (!cli->args.word_count) {
        help_all(stdout);
        return true;
    }
    for (size_t i = 0; i < cli_verb_count; i++)
        if (str_same(cli_verbs[i].verb, cli->args.words[0])) {
            help_verb(stdout, cli->args.words[0]);
            return true;
        }
    return err_set(err, ERR_INVALID, "Muster has no verb \"%s\".", cli->args.words[0]);
}

/* troff: a leading dot or quote would be a command, a hyphen a soft one. */
static void roff(const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '-' || *p == '\\')
            putchar('\\');
        if ((p == text || p[-1] == '\n') && (*p == '.' || *p == '\''))
            fputs("\\&", stdout);
        putchar(*p);
    }
}

static void roff_options(const Option *list)
{
    for (const Option *o = list; o && o->name; o++) {
        printf(".TP\n\\fB\\-\\-");
        roff(o->name);
        printf("\\fR%s\\fI%s\\fR\n", o->takes ? " " : "", o->takes ? o->takes : "");
        roff(o->says);
        putchar('\n');
    }
}

bool cli_man(Cli *cli, Err *err)
{
    (void)cli;
    (void)err;
    puts(".TH MUSTER 1 \"\" \"Muster " MUSTER_VERSION "\"\n.SH NAME\nmuster \\- coordinate a national "
                                                      "operation\n.SH SYNOPSIS\n"
         ".B muster\n[\\fIoptions\\fR] \\fIverb\\fR ...\n.SH DESCRIPTION");
    roff(intro);
    puts(".SH OPTIONS");
    roff_options(cli_global_options);
    puts(".SH VERBS");
    for (size_t i = 0; i < cli_verb_count; i++) {
        const Verb *v = &cli_verbs[i];
        printf(".SS muster %s%s%s %s\n", v->verb, v->action ? " " : "", v->action ? v->action : "",
               v->words ? v->words : "");
        roff(v->says);
        puts(".");
        if (v->teaches && v->teaches[0]) {
            puts(".PP\n.nf");
            roff(v->teaches);
            puts("\n.fi");
        }
        roff_options(v->options);
    }
    puts(".SH EXIT STATUS\n0 done, 1 the answer is no, 2 wrong input, 3 not found or not allowed, 4 changed "
         "meanwhile, 5 too much,\n"
         "6 disk or database, 7 a fault in Muster.\n.SH ENVIRONMENT\nMUSTER_DB, MUSTER_AS, MUSTER_ASN_DIR");
    return true;
}

bool cli_completion(Cli *cli, Err *err)
{
    (void)cli;
    (void)err;
    puts("# bash completion for muster\n_muster() {\n  local cur=${COMP_WORDS[COMP_CWORD]} verb= i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do case ${COMP_WORDS[i]} in --db|--as|--clock) ((i++)) ;; "
         "-*) ;;"
         " *) verb=${COMP_WORDS[i]}; break ;; esac; done\n  case $verb in");
    for (size_t i = 0; i < cli_verb_count; i++) {
        if (!first_of(i))
            continue;
        printf("  %s) [[ $cur == -* || \"", cli_verbs[i].verb);
        for (size_t j = i; j < cli_verb_count && str_same(cli_verbs[j].verb, cli_verbs[i].verb); j++)
            printf("%s ", cli_verbs[j].action ? cli_verbs[j].action : "");
        printf("\" == *[a-z]* ]] && COMPREPLY=($(compgen -W \"");
        for (size_t j = i; j < cli_verb_count && str_same(cli_verbs[j].verb, cli_verbs[i].verb); j++) {
            printf("%s ", cli_verbs[j].action ? cli_verbs[j].action : "");
            for (const Option *o = cli_verbs[j].options; o && o->name; o++)
                printf("--%s ", o->name);
        }
        printf("\" -- \"$cur\")) ;;\n");
    }
    printf("  '') COMPREPLY=($(compgen -W \"");
    for (size_t i = 0; i < cli_verb_count; i++)
        if (first_of(i))
            printf("%s ", cli_verbs[i].verb);
    for (const Option *o = cli_global_options; o->name; o++)
        printf("--%s ", o->name);
    puts("\" -- \"$cur\")) ;;\n  esac\n  [[ ${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "
         "\"$cur\"))\n}\ncomplete -F _muster muster");
    return true;
}
