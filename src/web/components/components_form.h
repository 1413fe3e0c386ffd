/* components_form.h: forms, fields and buttons. FormField texts and errors in one struct; ids join up by
 * themselves. */
#pragma once
#include "web/html.h"

/* What every field has. `error` non-NULL draws the red bar; `page_heading` wraps the label or legend in an
 * h1. */
#define FIELD_PARTS                                                                                    \
    const char *id, *name;                                                                             \
    const char *label; Draw label_html; const char *label_classes; bool page_heading;                  \
    const char *hint, *error, *described_by, *classes, *group_classes;                                 \
    bool        disabled
typedef struct FormField { FIELD_PARTS; } FormField;
#define FIELD union { FormField field; struct { FIELD_PARTS; }; }
typedef enum Tri { TRI_UNSET, TRI_TRUE, TRI_FALSE } Tri;

/* ---- form: the anti-forgery token is written from h->csrf for POST ---- */
typedef struct Form { Url action; bool get, multipart; const char *id, *classes; } Form;
void form_open(Html *h, Url action);                                       /* POST */
void form_open_with(Html *h, const Form *o);
void form_close(Html *h);
void form_hidden(Html *h, const char *name, const char *value);            /* NULL value: nothing */

/* ---- buttons ---- */
typedef struct Button {
    const char *text; Draw html;
    Url         href;                       /* set: drawn as a link */
    const char *classes;                    /* "govuk-button--secondary", "govuk-button--warning" */
    const char *id, *name, *value, *type;   /* NULL type: "submit" */
    bool        disabled, start;
    int         prevent_double_click;       /* 0 says nothing, 1 "true", -1 "false" */
} Button;
void button(Html *h, const Button *o);
void button_submit(Html *h, const char *text);                             /* guards against a double click */
void button_secondary(Html *h, const char *text);
void button_warning(Html *h, const char *text);
void button_link(Html *h, Url href, const char *text);
void button_group_open(Html *h);
void button_group_close(Html *h);

/* ---- parts ---- */
typedef struct Label { const char *text; Draw html; const char *for_id, *classes; bool page_heading; } Label;
void label(Html *h, const Label *o);
void hint(Html *h, const char *id, const char *text, const char *classes);
typedef struct ErrorMessage {
    const char *text;
    Draw html;
    const char *id, *classes, *hidden;
    bool no_hidden;
} ErrorMessage;
void error_message(Html *h, const ErrorMessage *o);                        /* hidden NULL: "Error" */
typedef struct Fieldset {
    const char *legend; Draw legend_html; const char *legend_classes; bool page_heading;
    const char *described_by, *classes, *role;
} Fieldset;
void fieldset_open(Html *h, const Fieldset *o);
void fieldset_close(Html *h);

/* ---- fields ---- */
typedef struct Input {
    FIELD;
    const char *type;                       /* NULL: "text" */
    const char *value, *inputmode, *autocomplete, *autocapitalize, *pattern;
    const char *prefix, *suffix; Draw prefix_html, suffix_html; const char *prefix_classes, *suffix_classes;
    const char *wrapper_classes;
    Tri         spellcheck;
} Input;
void input(Html *h, const Input *o);

typedef struct Textarea {
    FIELD;
    const char *value, *autocomplete;
    int rows;
    Tri spellcheck;
} Textarea; /* rows 0: 5 */
void textarea(Html *h, const Textarea *o);

typedef struct CharacterCount {
    FIELD;
    const char *value; int rows; Tri spellcheck;
    int         max_chars, max_words, threshold;
    const char *count_classes;
} CharacterCount;
void character_count(Html *h, const CharacterCount *o);

typedef struct PasswordInput { FIELD; const char *value, *autocomplete; } PasswordInput;
void password_input(Html *h, const PasswordInput *o);

typedef struct FileUpload { FIELD; const char *accept; bool multiple; } FileUpload;
void file_upload(Html *h, const FileUpload *o);

typedef struct DatePart {
    const char *name, *label, *value, *id, *classes, *autocomplete;
    bool wrong;
} DatePart;
typedef struct DateInput {
    FIELD;                                  /* label is the legend; id names the group */
    const char     *name_prefix;
    const char     *day, *month, *year;     /* values */
    bool            day_wrong, month_wrong, year_wrong;
    const DatePart *items; size_t count;    /* NULL: day, month, year */
} DateInput;
void date_input(Html *h, const DateInput *o);

typedef struct Option {
    const char *text, *value;
    bool selected, disabled;
} Option; /* value NULL: the text */
typedef struct Select {
    FIELD;
    const Option *items;
    size_t count;
    const char *value;
} Select; /* value: the chosen one */
void select_field(Html *h, const Select *o);

/* Radios and checkboxes: label is the legend; NULL label draws no fieldset. */
typedef struct Choice {
    const char *text, *value; Draw html;
    const char *hint, *id, *name, *label_classes;
    const char *divider;                    /* "or": nothing else is drawn */
    bool        checked, disabled, exclusive;
    Draw        conditional;                /* shown while chosen */
} Choice;
typedef struct Choices {
    FIELD;                                  /* id: the prefix of item ids, NULL: name */
    const Choice *items; size_t count;
    const char   *value;                    /* radios: the chosen value */
    const char *const *values; size_t value_count;   /* checkboxes: the chosen values */
    const char   *fieldset_classes;
} Choices;
void radios(Html *h, const Choices *o);     /* classes: "govuk-radios--inline", "govuk-radios--small" */
void checkboxes(Html *h, const Choices *o);
