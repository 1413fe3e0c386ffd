/* components_parts.h: what the component files share; pages do not include it. */
#pragma once
#include "web/components/components.h"

/* Class names joined by spaces; any of them may be NULL or empty. */
const char *css(Html *h, const char *base, const char *a, const char *b);
/* H1..H6 by number; 0 gives `otherwise`. */
HtmlEl      heading_el(int level, int otherwise);
/* NULL for "", so that an empty text is not there. */
const char *filled(const char *text);
bool        has_text(const char *text, Draw html);
/* 0 says nothing, 1 "true", -1 "false". */
const char *true_false(int sign);
const char *tri_text(Tri tri);
/* Ids one after another, for aria-describedby. */
const char *ids(Html *h, const char *a, const char *b, const char *c);
const char *id_of(const FormField *o);
/* The hint and the error of a field; gives what its aria-describedby should say. */
const char *field_notes(Html *h, const FormField *o, const char *id, const char *described_by);
void tag_draw(Html *h, const char *text, Draw html, const char *classes);
