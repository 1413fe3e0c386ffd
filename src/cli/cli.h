/* cli.h: the command line. One table of verbs (verbs.c) is the source of parsing, --help, the man page and
 * completion. */
#pragma once
#include "flow/app.h"
#include <stdio.h>
#include "flow/flow.h"

typedef struct Option {
    const char *name;  /* without dashes */
    const char *takes; /* what its value is, NULL for a switch */
    const char *says;
    bool required;
} Option;

typedef struct Given {
    const char *name, *value;
} Given;
typedef struct Args {
    Given options[32];
    size_t option_count;
    const char **words; /* positional, after verb and action */
    size_t word_count;
} Args;

struct Cli;
typedef bool VerbRun(struct Cli *cli, Err *err);
typedef struct Cli {
    Arena mem;
    App app;
    Args args;
    const char *db_path, *as;
    bool json, quiet;
    Instant fixed_now;
    Viewer viewer;  /* who acts; loaded for verbs that act */
    int exit_code;  /* set by a verb whose answer is "no" */
    VerbRun *serve; /* how main serves; NULL where there is no web */
} Cli;

typedef enum Opens { OPENS_NOTHING, OPENS_READ, OPENS_WRITE, OPENS_NEW } Opens;
typedef struct Verb {
    const char *verb, *action; /* action NULL: the verb stands alone */
    const char *words;         /* positional, for usage: "FILE..." */
    const char *says;          /* one line */
    const char *teaches;       /* a paragraph with an example */
    const Option *options;     /* ends with {0}; may be NULL */
    size_t min_words, max_words;
    Opens opens;
    VerbRun *run;
} Verb;
extern const Verb cli_verbs[];
extern const size_t cli_verb_count;
extern const Option cli_global_options[];

/* `serve` is the other door: main gives it, since cli and web do not see each other. */
int cli_main(int argc, char **argv, VerbRun *serve);

/* args.c */
MUST_USE bool args_read(Cli *cli, int argc, char **argv, const Verb **verb, bool *help, Err *err);
const char *arg(const Cli *cli, const char *name); /* NULL if not given */
MUST_USE bool arg_date(const Cli *cli, const char *name, Date otherwise, Date *out, Err *err);
MUST_USE bool arg_int(const Cli *cli, const char *name, int64_t otherwise, int64_t min, int64_t max,
                      int64_t *out, Err *err);

/* help.c */
void help_all(FILE *out);
void help_verb(FILE *out, const char *verb); /* all actions of one verb */
bool cli_help(Cli *cli, Err *err);
bool cli_man(Cli *cli, Err *err);
bool cli_completion(Cli *cli, Err *err);

/* print.c: what a verb answers, as a table for people or JSON for machines. */
typedef struct Col {
    const char *key, *head;
    bool right;
} Col;
typedef struct Table {
    const Col *cols;
    size_t col_count;
    Json *rows;
} Table; /* rows: a list of objects */
void print_json(const Cli *cli, const Json *j);
/* A report as JSON, or told in words. */
void print_report(const Cli *cli, const Json *report, void (*tell)(const Json *report));
void print_table(const Cli *cli, const Col *cols, size_t n, const Json *rows);
/* One status line on stderr, rewritten in place on a terminal: done, total, rate, time left. */
typedef struct Progress {
    const char *what, *unit;
    Instant began, last_shown;
    bool quiet, terminal;
} Progress;
Progress progress_begin(const Cli *cli, const char *what, const char *unit);
void progress_show(Progress *p, int64_t done, int64_t total);
void progress_end(Progress *p);
void progress_stage(void *ctx, const char *stage, size_t done); /* a FlowProgress; ctx: the Progress */

/* The verbs, by file. */
VerbRun verb_init, verb_user_add, verb_user_list, verb_user_password,
    verb_user_stand_down;                                               /* verbs_people.c */
VerbRun verb_hashset_build, verb_hashset_diff, verb_hashset_info, verb_hashset_key, verb_hashset_merge,
    verb_hashset_verify;                           /* verbs_hashset.c */
VerbRun verb_hashset_find, verb_hashset_near;      /* verbs_hashset_ask.c */
VerbRun verb_hashset_answers, verb_hashset_exchanges, verb_hashset_export,
    verb_hashset_grade; /* verbs_exchange.c */
VerbRun verb_hashset_add, verb_hashset_dismiss, verb_hashset_held, verb_hashset_list, verb_hashset_release,
    verb_hashset_retire, verb_hashset_series, verb_job_cancel, verb_job_list,
    verb_job_run;                                                       /* verbs_known.c */
VerbRun verb_operation_open, verb_operation_close, verb_operation_list; /* verbs_operation.c */
VerbRun verb_nominal_eliminate, verb_nominal_reinstate, verb_nominal_second; /* verbs_nominal.c */
VerbRun verb_import, verb_simulate;                                     /* verbs_intake.c */
VerbRun verb_link_run, verb_link_undo, verb_link_merge, verb_referral_assess, verb_attribution_relied,
    verb_attribution_review, verb_attribution_withdraw, verb_risk_answer, verb_risk_run,
    verb_risk_show, verb_risk_decide, verb_risk_second, verb_waiting; /* verbs_work.c */
VerbRun verb_package_list, verb_package_build, verb_package_send, verb_package_receive, verb_package_accept,
    verb_package_return, verb_package_show, verb_package_export; /* verbs_package.c */
VerbRun verb_link_answers, verb_link_registers;                                         /* verbs_pairs.c */
VerbRun verb_link_explain, verb_link_report, verb_link_review, verb_link_labels, verb_link_decide,
    verb_link_undecide;                                          /* verbs_pairs.c */
VerbRun verb_figures;                                            /* verbs_figures.c */
VerbRun verb_ledger_verify, verb_ledger_rebuild, verb_ledger_checkpoint, verb_ledger_prove, verb_ledger_list,
    verb_ledger_erase, verb_backup, verb_restore;                /* verbs_ledger.c */
VerbRun verb_triage, verb_exhibit_attach, verb_exhibit_list;     /* verbs_triage.c */
VerbRun verb_link_common;                                        /* verbs_common.c */
VerbRun verb_link_fairness;                                      /* verbs_fairness.c */
VerbRun verb_demo;                                               /* verbs_demo.c */
VerbRun verb_pdq;                                                /* verbs_pdq.c */
VerbRun verb_serve;                                              /* cli.c */
VerbRun verb_link_evaluate, verb_link_train;                                      /* verbs_evaluate.c */
/* For a verb that opens the database only when an option asks for it. */
MUST_USE bool cli_open(Cli *cli, Opens opens, Err *err);
MUST_USE bool cli_operation(Cli *cli, Operation *out, Err *err); /* the current one */
Hand cli_hand(const Cli *cli, int64_t operation);
/* ERR_DENIED: "A press officer may not WHAT." */
MUST_USE bool cli_may(const Cli *cli, Permission p, const char *what, Err *err);
MUST_USE bool cli_work(Cli *cli, Hand *hand, Err *err); /* the hand of who acts, in the current operation */
