// The backend in plain C. It is the specification, and it lends other backends the verbs whose
// speed does not matter. Private to net/.
#ifndef NET_BACKEND_REF_H
#define NET_BACKEND_REF_H

#include "net/backend_verbs.h"

enum status backend_ref_open(struct backend **, const struct backend_spec *);
extern const struct backend_verbs backend_ref_verbs;

#endif
