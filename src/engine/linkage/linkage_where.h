/* linkage_where.h: how far two places lie apart. */
#pragma once
#include "engine/linkage/linkage_model.h"

LinkWhere link_where(double latitude, double longitude);     /* degrees; never the zero value */
bool      link_where_known(LinkWhere w);
/* Along the ground (haversine), right to some 200 m: a place is a town's or a district's middle anyway. */
double    link_where_km(LinkWhere a, LinkWhere b);
/* The same as link_where_km(a, b) <= km without arithmetic of angles, for comparing millions. */
bool      link_where_within(LinkWhere a, LinkWhere b, double km);

/* "about 12 km apart"; NULL where one of the two is not known or they are less than a kilometre apart. */
const char *link_where_apart(Arena *mem, LinkWhere a, LinkWhere b);

/* Whether a model that was read has counted how often postcodes are near each other. One that has not knows
 * areas only, and is not to be shown places: it would weigh the levels it was never shown by hand. */
bool      link_model_knows_places(const LinkModel *model);
