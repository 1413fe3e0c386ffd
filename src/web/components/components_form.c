/* Forms, buttons and the fields that take typing. Choices and dates are in components_choice.c. */
#include "web/components/components_form.h"
#include "web/components/components_parts.h"

/* ---- shared ---- */

const char *css(Html *h, const char *base, const char *a, const char *b)
{
    StrBuf buf = { .mem = h->mem };
    const char *const all[] = { base, a, b };
    FOR_EACH(one, all) {
        if (!*one || !**one)
            continue;
        if (buf.len)
            buf_char(&buf, ' ');
        buf_add(&buf, *one);
    }
    return buf_text(&buf);
}

const char *ids(Html *h, const char *a, const char *b, const char *c)
{
    return filled(css(h, a, b, c));
}

const char *filled(const char *text)
{
    return text && *text ? text : NULL;
}

bool has_text(const char *text, Draw html)
{
    return html.draw || filled(text);
}

const char *true_false(int sign)
{
    return sign ? (sign > 0 ? "true" : "false") : NULL;
}

const char *tri_text(Tri tri)
{
    static const char *const texts[] = { [TRI_UNSET] = NULL, [TRI_TRUE] = "true", [TRI_FALSE] = "false" };
    return texts[tri];
}

const char *id_of(const FormField *o)
{
    return filled(o->id) ? o->id : o->name;
}

/* ---- form ---- */

void form_open_with(Html *h, const Form *o)
{
    html_open(h, EL_FORM, ATTR_ID, o->id, ATTR_CLASS, o->classes, ATTR_ACTION, o->action,
              ATTR_METHOD, o->get ? "get" : "post", ATTR_ENCTYPE, o->multipart ? "multipart/form-data" : NULL,
              ATTR_NOVALIDATE, !o->get);              /* our own messages, not the browser's */
    if (!o->get)
        form_hidden(h, "csrf", h->csrf);
}

void form_open(Html *h, Url action)
{
    form_open_with(h, &(Form){ .action = action });
}

void form_close(Html *h)
{
    html_close(h, EL_FORM);
}

void form_hidden(Html *h, const char *name, const char *value)
{
    if (value)
        html_open(h, EL_INPUT, ATTR_TYPE, "hidden", ATTR_NAME, name, ATTR_VALUE, value);
}

/* ---- buttons ---- */

static void button_inside(Html *h, const Button *o)
{
    bool wrap = o->html.draw && o->start;             /* a flex container would swallow the spaces */
    if (wrap)
        html_open(h, EL_SPAN);
    html_text_or(h, o->text, o->html);
    if (wrap)
        html_close(h, EL_SPAN);
    if (!o->start)
        return;
    html_open(h, EL_SVG, ATTR_CLASS, "govuk-button__start-icon", ATTR_XMLNS, "http://www.w3.org/2000/svg",
              ATTR_WIDTH, "17.5", ATTR_HEIGHT, "19", ATTR_VIEWBOX, "0 0 33 40", ATTR_ARIA_HIDDEN, "true",
              ATTR_FOCUSABLE, "false");
    html_leaf(h, EL_PATH, NULL, ATTR_FILL, "currentColor", ATTR_D, "M0 0h13l20 20-20 20H0l20-20z");
    html_close(h, EL_SVG);
}

void button(Html *h, const Button *o)
{
    const char *classes = css(h, "govuk-button", o->classes, o->start ? "govuk-button--start" : NULL);
    if (o->href.text) {
        html_open(h, EL_A, ATTR_HREF, o->href, ATTR_ROLE, "button", ATTR_DRAGGABLE, "false", ATTR_CLASS,
                  classes, ATTR_DATA_MODULE, "govuk-button", ATTR_ID, filled(o->id));
        button_inside(h, o);
        html_close(h, EL_A);
        return;
    }
    html_open(h, EL_BUTTON, ATTR_TYPE, filled(o->type) ? o->type : "submit", ATTR_VALUE, filled(o->value),
              ATTR_NAME, filled(o->name), ATTR_DISABLED, o->disabled,
              ATTR_ARIA_DISABLED, o->disabled ? "true" : NULL,
              ATTR_DATA_PREVENT_DOUBLE_CLICK, true_false(o->prevent_double_click),
              ATTR_CLASS, classes, ATTR_DATA_MODULE, "govuk-button", ATTR_ID, filled(o->id));
    button_inside(h, o);
    html_close(h, EL_BUTTON);
}

void button_submit(Html *h, const char *text)
{
    button(h, &(Button){ .text = text, .prevent_double_click = 1 });
}

void button_secondary(Html *h, const char *text)
{
    button(h, &(Button){ .text = text, .classes = "govuk-button--secondary", .prevent_double_click = 1 });
}

void button_warning(Html *h, const char *text)
{
    button(h, &(Button){ .text = text, .classes = "govuk-button--warning", .prevent_double_click = 1 });
}

void button_link(Html *h, Url href, const char *text)
{
    button(h, &(Button){ .text = text, .href = href });
}

void button_group_open(Html *h)
{
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-button-group");
}

void button_group_close(Html *h)
{
    html_close(h, EL_DIV);
}

/* ---- parts ---- */

void label(Html *h, const Label *o)
{
    if (!has_text(o->text, o->html))
        return;
    if (o->page_heading)
        html_open(h, EL_H1, ATTR_CLASS, "govuk-label-wrapper");
    html_open(h, EL_LABEL, ATTR_CLASS, css(h, "govuk-label", o->classes, NULL), ATTR_FOR, filled(o->for_id));
    html_text_or(h, o->text, o->html);
    html_close(h, EL_LABEL);
    if (o->page_heading)
        html_close(h, EL_H1);
}

void hint(Html *h, const char *id, const char *text, const char *classes)
{
    html_leaf(h, EL_DIV, text, ATTR_ID, filled(id), ATTR_CLASS, css(h, "govuk-hint", classes, NULL));
}

void error_message(Html *h, const ErrorMessage *o)
{
    html_open(h, EL_P, ATTR_ID, filled(o->id), ATTR_CLASS, css(h, "govuk-error-message", o->classes, NULL));
    if (!o->no_hidden) {
        html_open(h, EL_SPAN, ATTR_CLASS, "govuk-visually-hidden");
        html_text(h, o->hidden ? o->hidden : "Error");
        html_lit(h, ":");
        html_close(h, EL_SPAN);
        html_lit(h, " ");
    }
    html_text_or(h, o->text, o->html);
    html_close(h, EL_P);
}

void fieldset_open(Html *h, const Fieldset *o)
{
    html_open(h, EL_FIELDSET, ATTR_CLASS, css(h, "govuk-fieldset", o->classes, NULL), ATTR_ROLE,
              filled(o->role), ATTR_ARIA_DESCRIBEDBY, filled(o->described_by));
    if (!has_text(o->legend, o->legend_html))
        return;
    html_open(h, EL_LEGEND, ATTR_CLASS, css(h, "govuk-fieldset__legend", o->legend_classes, NULL));
    if (o->page_heading)
        html_open(h, EL_H1, ATTR_CLASS, "govuk-fieldset__heading");
    html_text_or(h, o->legend, o->legend_html);
    if (o->page_heading)
        html_close(h, EL_H1);
    html_close(h, EL_LEGEND);
}

void fieldset_close(Html *h)
{
    html_close(h, EL_FIELDSET);
}

/* ---- around a field ---- */

const char *field_notes(Html *h, const FormField *o, const char *id, const char *described_by)
{
    const char *hint_id = NULL, *error_id = NULL;
    if (o->hint)
        hint(h, hint_id = str_fmt(h->mem, "%s-hint", id), o->hint, NULL);
    if (o->error)
        error_message(h,
                      &(ErrorMessage){ .id = error_id = str_fmt(h->mem, "%s-error", id), .text = o->error });
    return ids(h, described_by, hint_id, error_id);
}

static const char *field_label(Html *h, const FormField *o)
{
    label(h, &(Label){ .text = o->label, .html = o->label_html, .classes = o->label_classes,
                       .page_heading = o->page_heading, .for_id = id_of(o) });
    return field_notes(h, o, id_of(o), o->described_by);
}

static const char *group_css(Html *h, const FormField *o, const char *own)
{
    return css(h, o->error ? "govuk-form-group govuk-form-group--error" : "govuk-form-group", own,
               o->group_classes);
}

static const char *group_open(Html *h, const FormField *o)
{
    html_open(h, EL_DIV, ATTR_CLASS, group_css(h, o, NULL));
    return field_label(h, o);
}

static void affix(Html *h, const char *base, const char *classes, const char *text, Draw html)
{
    if (!has_text(text, html))
        return;
    html_open(h, EL_DIV, ATTR_CLASS, css(h, base, classes, NULL), ATTR_ARIA_HIDDEN, "true");
    html_text_or(h, text, html);
    html_close(h, EL_DIV);
}

static void input_element(Html *h, const Input *o, const char *classes, const char *described_by)
{
    html_open(h, EL_INPUT, ATTR_CLASS, css(h, classes, o->classes, o->error ? "govuk-input--error" : NULL),
              ATTR_ID, id_of(&o->field), ATTR_NAME, o->name, ATTR_TYPE, filled(o->type) ? o->type : "text",
              ATTR_SPELLCHECK, tri_text(o->spellcheck), ATTR_VALUE, o->value, ATTR_DISABLED, o->disabled,
              ATTR_ARIA_DESCRIBEDBY, described_by, ATTR_AUTOCOMPLETE, o->autocomplete,
              ATTR_AUTOCAPITALIZE, o->autocapitalize, ATTR_PATTERN, o->pattern, ATTR_INPUTMODE, o->inputmode);
}

void input(Html *h, const Input *o)
{
    const char *described_by = group_open(h, &o->field);
    bool wrapped = has_text(o->prefix, o->prefix_html) || has_text(o->suffix, o->suffix_html);
    if (wrapped)
        html_open(h, EL_DIV, ATTR_CLASS, css(h, "govuk-input__wrapper", o->wrapper_classes, NULL));
    affix(h, "govuk-input__prefix", o->prefix_classes, o->prefix, o->prefix_html);
    input_element(h, o, "govuk-input", described_by);
    affix(h, "govuk-input__suffix", o->suffix_classes, o->suffix, o->suffix_html);
    if (wrapped)
        html_close(h, EL_DIV);
    html_close(h, EL_DIV);
}

static void textarea_element(Html *h, const Textarea *o, const char *own, const char *described_by)
{
    html_open(h, EL_TEXTAREA, ATTR_CLASS,
              css(h, o->error ? "govuk-textarea govuk-textarea--error" : "govuk-textarea", own, o->classes),
              ATTR_ID, id_of(&o->field), ATTR_NAME, o->name, ATTR_ROWS, o->rows ? o->rows : 5,
              ATTR_SPELLCHECK, tri_text(o->spellcheck), ATTR_DISABLED, o->disabled, ATTR_ARIA_DESCRIBEDBY,
              described_by, ATTR_AUTOCOMPLETE, filled(o->autocomplete));
    if (o->value && o->value[0] == '\n')
        html_lit(h, "\n");                            /* browsers drop one newline after the tag */
    html_text(h, o->value);
    html_close(h, EL_TEXTAREA);
}

void textarea(Html *h, const Textarea *o)
{
    const char *described_by = group_open(h, &o->field);
    textarea_element(h, o, NULL, described_by);
    html_close(h, EL_DIV);
}

static const char *number_or_none(Html *h, int n)
{
    return n ? str_fmt(h->mem, "%d", n) : NULL;
}

void character_count(Html *h, const CharacterCount *o)
{
    const char *info = str_fmt(h->mem, "%s-info", id_of(&o->field));
    Textarea area = { .field = o->field, .value = o->value, .rows = o->rows, .spellcheck = o->spellcheck };
    area.described_by = info;
    html_open(h, EL_DIV, ATTR_CLASS, group_css(h, &o->field, "govuk-character-count"), ATTR_DATA_MODULE,
              "govuk-character-count", ATTR_DATA_MAXLENGTH, number_or_none(h, o->max_chars),
              ATTR_DATA_MAXWORDS, number_or_none(h, o->max_words), ATTR_DATA_THRESHOLD,
              number_or_none(h, o->threshold), ATTR_DATA_COUNT_TYPE, o->max_words ? "words" : NULL);
    const char *described_by = field_label(h, &area.field);
    textarea_element(h, &area, "govuk-js-character-count", described_by);
    int limit = o->max_words ? o->max_words : o->max_chars;
    const char *text = limit ? str_fmt(h->mem, "You can enter up to %d %s", limit,
                                       o->max_words ? "words" : "characters") : NULL;
    hint(h, info, text, css(h, "govuk-character-count__message", o->count_classes, NULL));
    html_close(h, EL_DIV);
}

void password_input(Html *h, const PasswordInput *o)
{
    Input inner = { .field = o->field, .type = "password", .value = o->value, .spellcheck = TRI_FALSE,
                    .autocapitalize = "none",
                    .autocomplete = filled(o->autocomplete) ? o->autocomplete : "current-password" };
    html_open(h, EL_DIV, ATTR_CLASS, group_css(h, &o->field, "govuk-password-input"),
              ATTR_DATA_MODULE, "govuk-password-input");
    const char *described_by = field_label(h, &o->field);
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-input__wrapper govuk-password-input__wrapper");
    input_element(h, &inner, "govuk-input govuk-password-input__input govuk-js-password-input-input",
                  described_by);
    html_leaf(h, EL_BUTTON, "Show", ATTR_TYPE, "button",
              ATTR_CLASS, "govuk-button govuk-button--secondary govuk-password-input__toggle"
                          " govuk-js-password-input-toggle",
              ATTR_DATA_MODULE, "govuk-button", ATTR_ARIA_CONTROLS, id_of(&o->field),
              ATTR_ARIA_LABEL, "Show password", ATTR_HIDDEN, true);
    html_close(h, EL_DIV);
    html_close(h, EL_DIV);
}

void file_upload(Html *h, const FileUpload *o)
{
    const char *described_by = group_open(h, &o->field);
    html_open(h, EL_INPUT, ATTR_CLASS,
              css(h, "govuk-file-upload", o->classes, o->error ? "govuk-file-upload--error" : NULL), ATTR_ID,
              id_of(&o->field), ATTR_NAME, o->name, ATTR_TYPE, "file", ATTR_ACCEPT, o->accept, ATTR_DISABLED,
              o->disabled, ATTR_MULTIPLE, o->multiple, ATTR_ARIA_DESCRIBEDBY, described_by);
    html_close(h, EL_DIV);
}
