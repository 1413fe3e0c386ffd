/* pages_yet.c: answers "not found" for pages whose file is not there yet. Weak, so that the page's own
 * handler wins; the name sorts after every pages_*.c because the linker takes the first that it finds in the
 * library. */
#include "web/web.h"

#define YET(name) \
    __attribute__((weak)) bool name(Request *r, Response *out, Err *err) \
    { \
        (void)r, (void)out; \
        return err_set(err, ERR_NOT_FOUND, "Not there yet."); \
    }
YET(page_picture)
YET(page_waiting)
YET(page_clock_pause)
YET(page_clock_resume)
YET(page_queue)
YET(page_nominal)
YET(page_nominal_history)
YET(page_nominal_decide)
YET(page_nominal_second)
YET(page_check_answer)
YET(page_link_undo)
YET(page_nominal_merge)
YET(page_package_build)
YET(page_links)
YET(page_referral)
YET(page_packages)
YET(page_package)
YET(page_package_send)
YET(page_package_receive)
YET(page_package_accept)
YET(page_package_return)
YET(page_package_release)
YET(page_package_transfer)
YET(page_package_close)
YET(page_package_export)
YET(page_action_add)
YET(page_children)
YET(page_child)
YET(page_child_safeguard)
YET(page_child_refer)
YET(page_figures)
YET(page_figures_drill)
YET(page_figures_publish)
YET(page_force)
YET(page_intake)
YET(page_intake_file)
YET(page_intake_upload)
YET(page_hashsets)
YET(page_ledger)
YET(page_entry)
YET(page_ledger_proof)
YET(page_ledger_checkpoint)
YET(page_people)
YET(page_person_add)
YET(page_person_stand_down)
YET(page_agencies)
YET(page_operation)
